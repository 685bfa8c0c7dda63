"""A release that answers, here or in a process of its own: its bento's every hash was checked, and it is warm."""

from __future__ import annotations

from dataclasses import dataclass

from evergreen.artifacts import Release
from evergreen.delivery.bento import EXAMPLE, Example, bento_sha256, open_bento, read_example
from evergreen.delivery.example import differing_rows, made_up_row
from evergreen.delivery.own.process import OwnProcess
from evergreen.delivery.own.processes import OwnProcesses
from evergreen.delivery.predictor import LoadPredictor, Predictor
from evergreen.errors import EvergreenError, PermanentError
from evergreen.hashing import folder_sha256


@dataclass(frozen=True, slots=True)
class LoadedRelease:
    """A release that is ready to answer."""

    release: Release
    predictor: Predictor
    own: OwnProcess | None = None
    """The predictor again, where it is a process of its own."""

    @property
    def alive(self) -> bool:
        """Whether it can answer: always, unless it has a process of its own and that has ended."""
        return self.own is None or self.own.alive

    def stop(self) -> None:
        """End its process, if it has one. Nobody asks it any more."""
        if self.own is not None:
            self.own.stop()

    @property
    def identity(self) -> tuple[int, str]:
        """Two releases with the same identity answer alike."""
        return identity(self.release)


def identity(release: Release) -> tuple[int, str]:
    """A release's number and the hash of its bento."""
    return release.number, release.bento.sha256


def load_release(release: Release, load: LoadPredictor, processes: OwnProcesses | None = None) -> LoadedRelease:
    """Check the bento's and the model's hash, load the predictor, and let it predict the packaged example.

    `processes` starts those whose code or libraries are not this process's; without it all are loaded here. Raises
    PermanentError when a hash differs, the model can't be loaded, or it no longer predicts for the example what it
    predicted when it was packaged, and TransientError while its libraries are being installed.
    """
    called = f"release {release.number} of {release.use_case} (bento {release.bento.tag})"
    anew = f"it was not loaded: `evergreen deploy {release.use_case} --release {release.number}` packages it anew"
    folders = open_bento(release.bento.path)
    if bento_sha256(release.bento.path) != release.bento.sha256:
        raise PermanentError(f"{called} differs from what the ledger says was packaged; {anew}")
    if folder_sha256(folders.predictor) != release.model.sha256:
        raise PermanentError(f"the model in {called} is not the one of the ledger; {anew}")
    own = None
    try:
        if processes is not None and processes.needed(folders):
            own = processes.start(folders, called)
        predictor = own or load(folders.predictor)
        _warm_up(predictor, called, example=read_example(folders.model / EXAMPLE))
    except BaseException as error:
        if own is not None:
            own.stop()
        if isinstance(error, EvergreenError) or not isinstance(error, Exception):
            raise
        # whatever a model's libraries raise: the release is refused, the service lives on
        raise PermanentError(f"{called} could not be loaded: {type(error).__name__}; see the service's log") from error
    return LoadedRelease(release, predictor, own)


def _warm_up(predictor: Predictor, called: str, example: Example | None) -> None:
    if example is None:
        predictor.predict(made_up_row(predictor.schema))
        return
    answered = predictor.predict(example.rows)
    if wrong := differing_rows(answered, example.expected):
        raise PermanentError(
            f"{called} predicts {wrong} of {example.rows.height} example rows differently than when it was packaged;"
            " it was not loaded: release another model, or package this one again"
        )

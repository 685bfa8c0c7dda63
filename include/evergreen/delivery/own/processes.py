"""Which releases need a process of their own, and starting it."""

from __future__ import annotations

import sys
from pathlib import Path

from evergreen.delivery.bento import BentoFolders
from evergreen.delivery.code import packed_code
from evergreen.delivery.own.environment import Environments
from evergreen.delivery.own.lock import LOCK, differing
from evergreen.delivery.own.process import OwnProcess
from evergreen.delivery.own.wire import SPOKEN
from evergreen.delivery.package import CODE_LABEL, LOCK_LABEL, PROTOCOL_LABEL, bento_environment
from evergreen.errors import PermanentError


class OwnProcesses:
    """Starts the processes of one service.

    `code` is the hash of what this service itself would pack, taken when it starts: later its files may be newer than
    what it runs. Environments lie under `environments`. Each process answers `threads` requests at once.
    """

    def __init__(self, code: str, environments: Path, *, threads: int = 4) -> None:
        self._code = code
        self._environments = Environments(environments)
        self._threads = threads

    @classmethod
    def of_this_code(cls, environments: Path) -> OwnProcesses:
        """For the code this process runs."""
        return cls(packed_code(Path(__file__).parents[3]).sha256, environments)

    def needed(self, folders: BentoFolders) -> bool:
        """Whether the bento's code or libraries differ from this process's.

        Bentos from before processes of their own hold nothing to start: their packed example decides alone.
        """
        if PROTOCOL_LABEL not in folders.labels:
            return False
        return folders.labels.get(CODE_LABEL) != self._code or bool(differing(_lock(folders).read_text()))

    def start(self, folders: BentoFolders, called: str) -> OwnProcess:
        """Start a bento's own process; the caller has checked the bento's hash.

        Raises EnvironmentInTheMaking while its libraries are being installed, PermanentError when it can't be started.
        """
        said = folders.labels[PROTOCOL_LABEL]
        if said not in {str(number) for number in SPOKEN}:
            raise PermanentError(
                f"{called} was packaged by a newer Evergreen (protocol {said}, spoken here:"
                f" {', '.join(map(str, sorted(SPOKEN)))}); upgrade the service, or release another model"
            )
        lock = _lock(folders)
        python = Path(sys.executable)
        if differing(lock.read_text()):
            python = self._environments.python(called, lock, folders.labels[LOCK_LABEL])
        environment = bento_environment(folders.bento.parents[2], folders.bento / "src")
        return OwnProcess.start(called, python, environment, folders.predictor, threads=self._threads)

    def stop(self) -> None:
        """End installations that are under way; each process is stopped by whoever has it."""
        self._environments.stop()


def _lock(folders: BentoFolders) -> Path:
    return folders.bento / "src" / LOCK

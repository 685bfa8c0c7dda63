"""Package a registered model as a bento: the model, the code it needs, and a service, that runs on its own."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import packages_distributions
from pathlib import Path

import polars as pl

from evergreen.artifacts import BentoRef, ModelVersion
from evergreen.delivery.bento import EXAMPLE, PREDICTOR, Example, bento_sha256, open_bento, write_example
from evergreen.delivery.code import SERVICE, packed_code, pinned_packages
from evergreen.delivery.own.lock import LOCK, lock_text
from evergreen.delivery.own.wire import PROTOCOL
from evergreen.delivery.predictor import load_predictor
from evergreen.errors import PermanentError
from evergreen.features.libraries import libraries_of
from evergreen.hashing import folder_sha256

CODE_LABEL, LOCK_LABEL, PROTOCOL_LABEL = "evergreen.code_sha256", "evergreen.lock_sha256", "evergreen.protocol"
"""A bento's labels that say whether the service may hold it in its own process, or how to talk to another."""
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "TZ")
BUILD_SECONDS = 300


class PackagingFailed(PermanentError):
    """The bento could not be built."""


def package(
    use_case: str,
    model_folder: Path,
    model: ModelVersion,
    *,
    store: Path,
    source_root: Path,
    requirements: Path | None = None,
    example: pl.DataFrame | None = None,
) -> BentoRef:
    """Build the bento of a model, or return the one there is.

    `model_folder` is the saved predictor, `store` the BentoML home, `source_root` the folder our package lies in.
    `requirements` is the project's lock: its hashes go along, so that the libraries can be installed again some day.
    `example` are a few table rows; they and what the model predicts for them go along, so that every process that
    loads the bento can check that it predicts the same. The tag is made from the model's hash, the code and the
    versions of its libraries: the same in, the same bento out, also from two processes at once.

    Raises PackagingFailed when the folder is not the registered model, or BentoML refuses.
    """
    if folder_sha256(model_folder) != model.sha256:
        raise PackagingFailed(
            f"the folder of model {model.version} of `{use_case}` differs from what was registered; it was not"
            " packaged: fetch it again from the model registry, or train again"
        )
    code = packed_code(source_root)
    learner = ("sklearn", *libraries_of(model_folder))
    installed = packages_distributions()
    packages = pinned_packages(source_root, code.files, ("bentoml", *learner), installed)
    needed = pinned_packages(source_root, code.files, learner, installed)
    lock = lock_text((package.partition("==")[0] for package in needed), requirements)
    lock_sha256 = hashlib.sha256(lock.encode()).hexdigest()
    said = hashlib.sha256("\n".join((code.sha256, lock_sha256, *packages)).encode()).hexdigest()
    tag = f"{use_case}:{model.sha256[:16]}-{said[:8]}"
    labels = {
        "evergreen.use_case": use_case,
        "evergreen.model_version": str(model.version),
        "evergreen.model_sha256": model.sha256,
        CODE_LABEL: code.sha256,
        LOCK_LABEL: lock_sha256,
        PROTOCOL_LABEL: str(PROTOCOL),
    }
    store.mkdir(parents=True, exist_ok=True)
    path = store.absolute() / "bentos" / Path(*tag.split(":"))
    built = store / ".built" / Path(*tag.split(":"))
    with _locked(store / f".{use_case}.lock"):
        if not _whole(path, model, built):
            for halfway in (path, store / "models" / Path(*tag.split(":"))):
                shutil.rmtree(halfway, ignore_errors=True)
            built.unlink(missing_ok=True)
            with tempfile.TemporaryDirectory(prefix="bento-") as work:
                folder = _model_folder(Path(work), model_folder, example)
                context = _context(Path(work), source_root, code.files, lock, tag)
                plan = {"model": tag, "bento": tag, "model_folder": str(folder), "context": str(context)}
                described = f"Model {model.version} of {use_case}, packaged by Evergreen."
                _build(Path(work), store, {**plan, "labels": labels, "packages": packages, "description": described})
            built.parent.mkdir(parents=True, exist_ok=True)
            built.write_text(bento_sha256(path))
        return BentoRef(use_case=use_case, tag=tag, path=path, sha256=bento_sha256(path), model_version=model.version)


def _whole(path: Path, model: ModelVersion, built: Path) -> bool:
    """Whether the bento is there with the very model, and as it was `built`; a build stopped halfway is not."""
    try:
        if folder_sha256(open_bento(path).predictor) != model.sha256:
            return False
        return not built.exists() or built.read_text() == bento_sha256(path)
    except PermanentError:
        return False


def _model_folder(work: Path, model_folder: Path, example: pl.DataFrame | None) -> Path:
    folder = work / "model"
    shutil.copytree(model_folder, folder / PREDICTOR)
    if example is not None:
        predictor = load_predictor(folder / PREDICTOR)
        rows = example.select(column.name for column in predictor.schema)
        write_example(folder / EXAMPLE, Example(rows, predictor.predict(rows)))
    return folder


def _context(work: Path, source_root: Path, files: tuple[Path, ...], lock: str, tag: str) -> Path:
    context = work / "src"
    for file in files:
        target = context / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source_root / file, target)
    shutil.copyfile(source_root / SERVICE, context / "service.py")
    (context / LOCK).write_text(lock)
    (context / "model.json").write_text(json.dumps({"tag": tag}))
    return context


def _build(work: Path, store: Path, plan: dict[str, object]) -> None:
    plan_file = work / "plan.json"
    plan_file.write_text(json.dumps(plan))
    script = Path(__file__).with_name("build_bento.py")
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(script), str(plan_file)],
            cwd=work,
            env=bento_environment(store, Path(str(plan["context"]))),
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PackagingFailed(f"BentoML did not build {plan['bento']} within {BUILD_SECONDS} s") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1][:300]
        raise PackagingFailed(f"BentoML could not build {plan['bento']}: {last}")


def bento_environment(store: Path, *python_path: Path) -> dict[str, str]:
    """The environment for a process that uses BentoML: its home, no tracking, nothing of ours and no secrets."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    kept |= {"BENTOML_HOME": str(store.absolute()), "BENTOML_DO_NOT_TRACK": "True", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, "PYTHONPATH": os.pathsep.join(str(path) for path in python_path)}


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """One packager at a time; the kernel lets go when a process dies."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield

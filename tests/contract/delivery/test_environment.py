"""Installing a bento's own libraries, with the real uv and wheels from a folder."""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest
import yaml
from tests.contract.delivery.conftest import Trained
from tests.contract.delivery.test_own_process import of, relabelled
from tests.contract.delivery.wheels import made_up_wheel, wheel_again

from evergreen.artifacts import BentoRef
from evergreen.delivery.bento import bento_sha256, open_bento
from evergreen.delivery.own.environment import EnvironmentInTheMaking, Environments
from evergreen.delivery.own.processes import OwnProcesses
from evergreen.delivery.package import CODE_LABEL, LOCK_LABEL
from evergreen.delivery.predictor import load_predictor
from evergreen.delivery.service.releases import LoadedRelease, load_release
from evergreen.errors import PermanentError

HEAD = f"# Python {'.'.join(platform.python_version_tuple()[:2])}\n"
CALLED = "release 1 of trips"
SHA = "a" * 64


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place that packages come from."""
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "wheels").mkdir()
    return tmp_path / "wheels"


def lock(folder: Path, *lines: str) -> Path:
    file = folder / "libraries.lock"
    file.write_text(HEAD + "\n".join(lines) + "\n")
    return file


def made(environments: Environments, file: Path) -> Path:
    for _ in range(2400):
        try:
            return environments.python(CALLED, file, SHA)
        except EnvironmentInTheMaking:
            time.sleep(0.1)
    raise AssertionError("waited in vain")


def test_it_is_made_once_in_the_background_and_whole(tmp_path: Path, wheels: Path) -> None:
    file = lock(tmp_path, made_up_wheel(wheels))
    folder = tmp_path / "environments"
    (folder / f".{SHA}-stopped").mkdir(parents=True)
    one, other = Environments(folder), Environments(folder)
    with pytest.raises(EnvironmentInTheMaking, match=f"{CALLED} needs other libraries"):
        one.python(CALLED, file, SHA)
    python = made(other, file)  # two services at once
    assert made(one, file) == python == folder / SHA / "bin" / "python"
    shown = subprocess.run([python, "-c", "import made_up; print(made_up.VALUE)"], capture_output=True, check=True)
    assert shown.stdout == b"1\n"
    before = python.parent.parent.stat().st_ino
    assert made(Environments(folder), file).parent.parent.stat().st_ino == before
    assert not list(folder.glob(f".{SHA}-*"))


def test_a_file_that_is_not_the_locked_one_is_refused_and_leaves_nothing(tmp_path: Path, wheels: Path) -> None:
    made_up_wheel(wheels)
    file = lock(tmp_path, f"made-up==1.0 --hash=sha256:{'0' * 64}")
    environments = Environments(tmp_path / "environments")
    with pytest.raises(PermanentError, match=rf"libraries of {CALLED} could not be installed: .*[Hh]ash"):
        made(environments, file)
    assert not (tmp_path / "environments" / SHA).exists()
    assert not list((tmp_path / "environments").glob(f".{SHA}-*"))


def test_without_the_package_index_it_says_what_to_do_and_works_once_that_is_done(tmp_path: Path, wheels: Path) -> None:
    line = made_up_wheel(tmp_path / "elsewhere")
    file = lock(tmp_path, line)
    environments = Environments(tmp_path / "environments")
    with pytest.raises(PermanentError, match=r"make that reachable \(UV_DEFAULT_INDEX, UV_FIND_LINKS\)"):
        made(environments, file)
    shutil.copytree(tmp_path / "elsewhere", wheels, dirs_exist_ok=True)
    assert made(environments, file).exists()


def test_a_library_without_a_hash_is_not_installed(tmp_path: Path, wheels: Path) -> None:
    made_up_wheel(wheels)
    with pytest.raises(PermanentError, match=r"requirements.txt did not lock \(made-up==1.0\)"):
        Environments(tmp_path / "environments").python(CALLED, lock(tmp_path, "made-up==1.0"), SHA)


def test_stopping_ends_an_installation_that_hangs(
    tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.delenv("UV_OFFLINE")
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        environments = Environments(tmp_path / "environments")
        with pytest.raises(EnvironmentInTheMaking):
            environments.python(CALLED, lock(tmp_path, f"made-up==1.0 --hash=sha256:{'0' * 64}"), SHA)
        silent.settimeout(120)
        silent.accept()[0].close()
        family = psutil.Process().children(recursive=True)
        mine = [one for one in family if "build_environment.py" in " ".join(one.cmdline()) or one.name() == "uv"]
        assert len(mine) == 2
        environments.stop()
        assert psutil.wait_procs(mine, 60)[1] == []


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_release_packaged_with_other_libraries_is_served_with_those(
    trained: Trained, bento: BentoRef, tmp_path: Path, wheels: Path
) -> None:
    """All of a bento's libraries, from wheels made of the installed ones; one of them of a version that is not here."""
    names = [
        line.partition("==")[0]
        for line in (bento.path / "src" / "libraries.lock").read_text().splitlines()
        if not line.startswith("#")
    ]
    lines = [wheel_again(wheels, name, "0.1" if name == "threadpoolctl" else None) for name in names]
    older = relabelled(bento, tmp_path)
    lock(older.path / "src", *lines)
    said = yaml.safe_load((older.path / "bento.yaml").read_text())
    said["labels"][LOCK_LABEL] = SHA
    (older.path / "bento.yaml").write_text(yaml.safe_dump(said))
    older = older.model_copy(update={"sha256": bento_sha256(older.path)})
    processes = OwnProcesses(open_bento(bento.path).labels[CODE_LABEL], tmp_path / "environments")
    loaded: LoadedRelease | None = None
    while loaded is None:
        try:
            loaded = load_release(of(trained, older), load_predictor, processes)
        except EnvironmentInTheMaking:
            time.sleep(0.5)
    try:
        assert loaded.own is not None
        command = psutil.Process(loaded.own.pid).cmdline()
        assert command[0] == str(tmp_path / "environments" / SHA / "bin" / "python")
        assert loaded.predictor.predict(trained.rows).equals(trained.predictor.predict(trained.rows))
    finally:
        loaded.stop()
        processes.stop()

"""A release in a process of its own, asked directly."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import psutil
import pytest
import yaml
from tests.contract.delivery.conftest import Trained

from evergreen.artifacts import BentoRef, Release
from evergreen.delivery.bento import bento_sha256, open_bento
from evergreen.delivery.own.process import OwnProcess
from evergreen.delivery.own.processes import OwnProcesses
from evergreen.delivery.own.wire import PREDICT, pack, send
from evergreen.delivery.package import CODE_LABEL, LOCK_LABEL, PROTOCOL_LABEL, bento_environment
from evergreen.delivery.predictor import load_predictor
from evergreen.delivery.service.releases import LoadedRelease, load_release
from evergreen.delivery.where import FailedElsewhere
from evergreen.errors import PermanentError, TransientError

OTHER_CODE = "0" * 64
GOLDEN = Path(__file__).with_name("protocol_1.txt")


def of(trained: Trained, bento: BentoRef) -> Release:
    return Release(use_case="small_flights", number=1, dataset_version=1, model=trained.model, bento=bento)


def relabelled(bento: BentoRef, folder: Path, **labels: str | None) -> BentoRef:
    """A copy of the bento whose labels say something else; None removes one."""
    store = shutil.copytree(bento.path.parents[2], folder / "store")
    path = store / bento.path.relative_to(bento.path.parents[2])
    said = yaml.safe_load((path / "bento.yaml").read_text())
    said["labels"] = {k: v for k, v in {**said["labels"], **labels}.items() if v is not None}
    (path / "bento.yaml").write_text(yaml.safe_dump(said))
    return bento.model_copy(update={"path": path, "sha256": bento_sha256(path)})


@pytest.fixture
def own(trained: Trained, bento: BentoRef, tmp_path: Path) -> Iterator[LoadedRelease]:
    loaded = load_release(of(trained, bento), load_predictor, OwnProcesses(OTHER_CODE, tmp_path))
    yield loaded
    loaded.stop()


def test_it_predicts_as_the_model_does_from_several_threads_at_once(own: LoadedRelease, trained: Trained) -> None:
    assert own.own is not None
    assert [(one.name, one.type, one.nullable) for one in own.predictor.schema] == [
        (one.name, one.type, one.nullable) for one in trained.predictor.schema
    ]
    wrong: list[int] = []

    def ask(start: int) -> None:
        for offset in range(20):
            rows = trained.rows.slice(start + offset, 1 + offset * 7)
            if not own.predictor.predict(rows).equals(trained.predictor.predict(rows)):
                wrong.append(start)

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(0, 320, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_rows_it_fails_on_are_told_by_kind_and_place_and_it_lives_on(own: LoadedRelease, trained: Trained) -> None:
    with pytest.raises(FailedElsewhere, match=r"^WrongColumns at frames.py:\d+ in to_pandas$"):
        own.predictor.predict(pl.DataFrame({"carrier": ["secret"]}))
    assert own.alive
    assert own.predictor.predict(trained.rows.head(1)).height == 1


def test_when_it_has_died_that_is_transient_and_never_an_answer(own: LoadedRelease, trained: Trained) -> None:
    assert own.own is not None
    os.kill(own.own.pid, signal.SIGKILL)
    for _ in range(10):  # more often than it has connections
        with pytest.raises(TransientError, match="has ended; it is being started again"):
            own.predictor.predict(trained.rows.head(1))
    assert not own.alive


def test_one_that_hangs_is_killed(own: LoadedRelease, trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    assert own.own is not None
    monkeypatch.setattr("evergreen.delivery.own.process.ANSWER_SECONDS", 0.2)
    os.kill(own.own.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, own.own.pid, os.WSTOPPED)  # until all its threads are, one that is not could still answer
    with pytest.raises(TransientError, match="has ended"):
        own.predictor.predict(trained.rows.head(1))
    assert not own.alive


def test_an_answer_that_comes_too_late_is_never_the_next_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evergreen.delivery.own.process.ANSWER_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    sleeping = subprocess.Popen(["sleep", "600"], stdin=subprocess.PIPE, start_new_session=True)
    slow = OwnProcess("release 1", sleeping, [ours])
    try:
        with pytest.raises(TransientError):
            slow.predict(pl.DataFrame({"row": [1]}))
        with suppress(OSError):
            send(theirs, PREDICT, pack(pl.DataFrame({"prediction": [1]})))
        with pytest.raises(TransientError):
            slow.predict(pl.DataFrame({"row": [2]}))
    finally:
        slow.stop()
        theirs.close()


def test_the_same_code_and_libraries_stay_in_the_process(trained: Trained, bento: BentoRef, tmp_path: Path) -> None:
    same = OwnProcesses(open_bento(bento.path).labels[CODE_LABEL], tmp_path)
    assert load_release(of(trained, bento), load_predictor, same).own is None


def test_a_bento_from_before_own_processes_is_judged_by_its_example_alone(
    trained: Trained, bento: BentoRef, tmp_path: Path
) -> None:
    before = relabelled(bento, tmp_path, **{PROTOCOL_LABEL: None})
    loaded = load_release(of(trained, before), load_predictor, OwnProcesses(OTHER_CODE, tmp_path))
    assert loaded.own is None
    assert loaded.predictor.predict(trained.rows.head(1)).height == 1


def test_a_bento_of_a_newer_protocol_is_refused(trained: Trained, bento: BentoRef, tmp_path: Path) -> None:
    later = relabelled(bento, tmp_path, **{PROTOCOL_LABEL: "99"})
    with pytest.raises(PermanentError, match=r"packaged by a newer Evergreen \(protocol 99, spoken here: 1\)"):
        load_release(of(trained, later), load_predictor, OwnProcesses(OTHER_CODE, tmp_path))


def changed(text: str) -> Callable[[Path], None]:
    return lambda file: file.write_text(file.read_text().replace("def main(", f"{text}\n\n\ndef main("))


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("evergreen/delivery/own/child.py", changed("raise SystemExit(3)"), "ended while it was started"),
        ("evergreen/features/predictor.py", lambda file: file.write_text("no = 1"), r"could not load .*ImportError at"),
        (
            "evergreen/tasks/binary.py",
            lambda file: file.write_text(file.read_text().replace(")[:, 1]", ")[:, 0]")),
            "predicts 20 of 20 example rows differently",
        ),
    ],
)
def test_one_that_does_not_come_up_or_predicts_otherwise_is_refused_and_stopped(
    trained: Trained, bento: BentoRef, tmp_path: Path, file: str, change: Callable[[Path], object], said: str
) -> None:
    broken = relabelled(bento, tmp_path)
    change(broken.path / "src" / file)
    broken = broken.model_copy(update={"sha256": bento_sha256(broken.path)})
    with pytest.raises(PermanentError, match=said):
        load_release(of(trained, broken), load_predictor, OwnProcesses(OTHER_CODE, tmp_path))
    left = psutil.Process().children(recursive=True)
    assert not [child for child in left if "evergreen.delivery.own.child" in child.cmdline()]


def test_promise_12_nothing_of_a_changed_bento_is_started(trained: Trained, bento: BentoRef, tmp_path: Path) -> None:
    other = relabelled(bento, tmp_path)
    marker = tmp_path / "ran"
    child = other.path / "src" / "evergreen" / "delivery" / "own" / "child.py"
    child.write_text(f"open({str(marker)!r}, 'w')\n" + child.read_text().replace("from __future__", "#"))
    with pytest.raises(PermanentError, match="differs from what the ledger says"):
        load_release(of(trained, other), load_predictor, OwnProcesses(OTHER_CODE, tmp_path))
    assert not marker.exists()


def test_protocol_1_byte_for_byte(trained: Trained, bento: BentoRef) -> None:
    """What bentos that are out there are started with and asked, written out here without the library.

    A change that turns this red strands every bento packaged so far: leave protocol 1 as it is and add a 2.
    """
    ours, theirs = socket.socketpair()
    asked = bytes.fromhex(GOLDEN.read_text())
    environment = bento_environment(bento.path.parents[2], bento.path / "src")
    command = [sys.executable, "-P", "-m", "evergreen.delivery.own.child", str(open_bento(bento.path).predictor)]
    child = subprocess.Popen(
        [*command, str(theirs.fileno())], env=environment, stdin=subprocess.PIPE, pass_fds=[theirs.fileno()]
    )
    theirs.close()
    ours.settimeout(120)
    try:
        ours.sendall(bytes(8) + b"S")
        kind, body = message(ours)
        assert kind == b"S"
        assert body.startswith(b'[{"name": "carrier", "type": "string", "nullable": false}')
        ours.sendall(len(asked).to_bytes(8, "big") + b"P" + asked)
        kind, body = message(ours)
        assert kind == b"P"
        assert pl.read_ipc_stream(body).equals(trained.predictor.predict(trained.rows.head(2)))
        ours.sendall((3).to_bytes(8, "big") + b"P" + b"bad")
        kind, body = message(ours)
        assert kind == b"F"
        assert body.startswith(b'{"error": "')
    finally:
        ours.close()
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(60) == 0


def message(channel: socket.socket) -> tuple[bytes, bytes]:
    head = channel.recv(9, socket.MSG_WAITALL)
    return head[8:], channel.recv(int.from_bytes(head[:8], "big"), socket.MSG_WAITALL)


def test_the_lock_is_of_what_the_code_and_model_need(bento: BentoRef) -> None:
    lock = (bento.path / "src" / "libraries.lock").read_text()
    names = {line.partition("==")[0] for line in lock.splitlines()[1:]}
    assert {"polars", "polars-runtime-32", "scikit-learn", "scipy", "numpy", "lightgbm", "skops"} <= names
    assert not names & {"bentoml", "apache-airflow", "mlflow", "xgboost"}
    assert len(open_bento(bento.path).labels[LOCK_LABEL]) == 64

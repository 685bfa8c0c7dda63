"""Processes that publish at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.contract.versions.kit import Kit

HERE = Path(__file__).resolve().parents[3]
PUBLISHER = """
import sys
from pathlib import Path
from evergreen.versions import ParentMoved, Registry
from kit import manifest

root, use_case, name, times = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
staged = root.parent / f"{use_case}-{name}"
print("ready", flush=True)
sys.stdin.readline()
won = []
while len(won) < times:
    registry = Registry.open(root)
    head = registry.head(use_case)
    number = head.number + 1 if head else 1
    staged.write_text(f"{name} {number}")
    said = manifest(number, use_case=use_case, run_id=f"{name}-{number}")
    try:
        version = registry.publish(use_case=use_case, parent=head, changed={f"{number}": staged}, manifest=said)
        registry.push(version)
        won.append(version.number)
    except ParentMoved:
        pass
print(*won)
"""


def publishers(kit: Kit, *given: tuple[str, str], times: int) -> list[list[int]]:
    """Run publishers of (use case, name) at once and return the numbers each of them won."""
    command = [sys.executable, "-c", PUBLISHER, str(kit.root)]
    environment = {**os.environ, "PYTHONPATH": f"{HERE}/include:{HERE}/tests/contract/versions"}
    running = [
        subprocess.Popen(
            [*command, use_case, name, str(times)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for use_case, name in given
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    won = [process.communicate(timeout=120)[0].split() for process in running]
    assert [process.returncode for process in running] == [0] * len(running)
    return [[int(number) for number in numbers] for numbers in won]


def test_promise_1_of_publishers_at_once_one_wins_each_number(kit: Kit) -> None:
    won = publishers(kit, ("flights", "a"), ("flights", "b"), ("flights", "c"), times=4)
    assert sorted(number for numbers in won for number in numbers) == list(range(1, 13))
    winner = {number: name for name, numbers in zip("abc", won, strict=True) for number in numbers}
    for version in kit.reopen().history("flights"):
        assert kit.registry.manifest(version).run_id == f"{winner[version.number]}-{version.number}"
        said = {f"{n}": f"{winner[n]} {n}".encode() for n in range(1, version.number + 1)}
        assert kit.read(version) == said
        assert kit.registry.verify(version) == []
    assert kit.git("status", "--porcelain") == ""


def test_promise_1_publishers_of_several_use_cases_lose_nothing(kit: Kit) -> None:
    publishers(kit, ("flights", "a"), ("churn", "b"), ("ames", "c"), times=4)
    kit.reopen()
    for use_case in ("flights", "churn", "ames"):
        assert [version.number for version in kit.registry.history(use_case)] == [1, 2, 3, 4]
        assert kit.git("rev-parse", f"main:{use_case}.dvc") == kit.git("rev-parse", f"{use_case}@v4:{use_case}.dvc")
        assert kit.registry.adopt(use_case) is None
    assert kit.git("status", "--porcelain") == ""
    # A straight line: the lock kept them in a row.
    assert kit.git("rev-list", "--count", "--merges", "main") == "0"


def test_a_killed_publisher_does_not_hold_up_the_others(kit: Kit) -> None:
    from evergreen.versions.lock import locked

    program = (
        "import sys, time; from pathlib import Path; from evergreen.versions.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(kit.root / ".git/evergreen.lock")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{HERE}/include"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    process.kill()
    process.communicate()
    with locked(kit.root / ".git/evergreen.lock", patience=1.0):
        pass
    assert kit.publish({"a": b"a"}).number == 1

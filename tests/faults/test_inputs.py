"""Bad input and failures of the surroundings: a clear message, nothing half-published, and the next run recovers."""

from __future__ import annotations

import gzip
import os
import shutil

import pytest

from .toy import NIGHTS, Instance


def ingest(instance: Instance, night: int = 0) -> tuple[int, str]:
    instance.drop(NIGHTS[night])
    return instance.run("run", "toy", "--only", "ingest", "--as-of", NIGHTS[night].isoformat())


def versions(instance: Instance) -> list[str]:
    status, said = instance.run("history", "toy")
    assert status == 0, said
    return [line.split()[0] for line in said.splitlines() if line.startswith("toy@")]


def test_a_broken_line_is_quarantined_with_file_and_line_and_the_rest_is_published(instance: Instance) -> None:
    path = instance.home / "landing" / "returns" / "2024-01-05.ndjson.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    lines[3] = lines[3][:20]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    kept = path.read_bytes()
    status, said = instance.run("run", "toy", "--only", "ingest", "--as-of", NIGHTS[0].isoformat())
    assert status == 0, said
    assert path.read_bytes() == kept
    assert versions(instance) == ["toy@v1"]
    status, said = instance.run("state", "toy", "--canonical")
    assert '"broken": 1' in said


def test_an_unknown_column_in_the_yaml_is_said_with_what_there_is(instance: Instance) -> None:
    path = instance.folder / "use_cases" / "toy" / "use_case.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("available_at: {column: planned_at}", "available_at: {column: planed_at}"), "utf-8")
    status, said = ingest(instance)
    assert status == 1
    assert "planned_at" in said
    assert "Traceback" not in said
    path.write_text(good, encoding="utf-8")
    assert ingest(instance)[0] == 0
    assert versions(instance) == ["toy@v1"]


@pytest.mark.long  # tests/contract/ingest has empty sources of each kind
def test_an_empty_source_and_then_rows(instance: Instance) -> None:
    landing = instance.home / "landing"
    shutil.move(landing / "returns", landing / "aside")
    status, said = instance.run("run", "toy", "--only", "ingest", "--as-of", NIGHTS[0].isoformat())
    assert status == 0, said
    shutil.move(landing / "aside", landing / "returns")
    status, said = ingest(instance, 1)
    assert status == 0, said
    assert versions(instance) == ["toy@v1", "toy@v2"]


def test_a_corrupted_cache_object_is_noticed_and_fetched_again(instance: Instance) -> None:
    assert ingest(instance)[0] == 0
    cache = instance.home / "registry" / ".dvc" / "cache" / "files" / "md5"
    victim = max((path for path in cache.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    victim.chmod(0o644)
    victim.write_bytes(b"garbage")
    victim.chmod(0o444)
    status, said = ingest(instance, 1)
    assert status == 0, said
    assert instance.run("verify", "toy")[0] == 0
    assert versions(instance) == ["toy@v1", "toy@v2"]


def test_two_ingests_at_once_publish_each_night_once(instance: Instance) -> None:
    first = instance.start("run", "toy", "--only", "ingest", "--as-of", NIGHTS[0].isoformat())
    second = instance.start("run", "toy", "--only", "ingest", "--as-of", NIGHTS[0].isoformat())
    said = [process.communicate(timeout=240)[0] for process in (first, second)]
    codes = sorted((first.returncode, second.returncode))
    assert codes in ([0, 0], [0, 75]), said
    assert not any("Traceback" in text for text in said), said
    assert versions(instance) == ["toy@v1"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
def test_no_room_on_the_disk_is_said_and_the_next_run_recovers(instance: Instance) -> None:
    import subprocess

    assert instance.run("state", "toy")[0] == 0  # the database has its room
    staging = instance.home / "staging"
    staging.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(staging)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a tmpfs")
    try:
        status, said = ingest(instance)
        assert status == 75, said
        assert "Traceback" not in said
        assert "room" in said or "space" in said or "full" in said
    finally:
        subprocess.run(["umount", str(staging)], check=True)
    assert ingest(instance)[0] == 0
    assert versions(instance) == ["toy@v1"]


def test_a_rollback_is_held_and_resumed_from_its_cursors(instance: Instance) -> None:
    """Promise 8, from the command line."""
    assert ingest(instance, 0)[0] == 0
    assert ingest(instance, 1)[0] == 0
    status, said = instance.run("rollback", "toy", "--to", "v1")
    assert status == 0, said
    status, said = ingest(instance, 2)
    assert status == 0
    assert "on hold" in said
    assert "resume toy" in said
    status, said = instance.run("resume", "toy")
    assert "no longer on hold" in said
    assert ingest(instance, 2)[0] == 0
    assert versions(instance) == ["toy@v1", "toy@v2", "toy@v3", "toy@v4"]
    states = instance.state()["versions"]
    assert states[2]["table"] == states[0]["table"]
    assert states[3]["table"][0] == states[1]["table"][0] + 40, "it has read on over what was rolled away"


def test_an_excluded_batch_stays_out_and_the_repaired_file_comes_in(instance: Instance) -> None:
    """Promise 8: exclude records exact rows."""
    assert ingest(instance, 0)[0] == 0
    bad = instance.home / "landing" / "orders" / "2024-02-01.csv"
    instance.drop(NIGHTS[1])
    good = bad.read_text(encoding="utf-8")
    lines = good.splitlines()
    bad.write_text("\n".join([lines[0], *(f"{line.rpartition(',')[0]},nowhere" for line in lines[1:])]) + "\n", "utf-8")
    assert instance.run("run", "toy", "--only", "ingest", "--as-of", NIGHTS[1].isoformat())[0] == 0
    status, said = instance.run("history", "toy", "--batches")
    batch = next(line.split()[0] for line in said.splitlines()[::-1] if "orders" in line)
    status, said = instance.run("exclude", "toy", batch)
    assert status == 1
    assert "rollback toy --to v1" in said
    assert instance.run("rollback", "toy", "--to", "v1")[0] == 0
    status, said = instance.run("exclude", "toy", batch)
    assert status == 0, said
    assert "40 rows" in said
    assert instance.run("resume", "toy")[0] == 0
    assert instance.run("run", "toy", "--only", "ingest", "--as-of", NIGHTS[1].isoformat())[0] == 0
    assert instance.state()["versions"][-1]["sources"]["orders"][0] == 31 * 40, "the excluded rows stay out"
    bad.write_text(good, encoding="utf-8")
    assert ingest(instance, 2)[0] == 0
    assert instance.state()["versions"][-1]["sources"]["orders"][0] == 33 * 40, "the repaired rows come in"


def test_a_use_case_that_is_not_there(instance: Instance) -> None:
    status, said = instance.run("run", "nothing", "--as-of", "2024-01-31")
    assert status == 1
    assert "use_case.yaml" in said
    assert "Traceback" not in said

"""A column that the active model was trained on is taken away: the loop replaces the model by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.toy import NIGHTS, Instance

pytestmark = pytest.mark.long


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(tmp_path)
    made.set_up()
    yield made
    made.stop()


def test_a_release_that_lost_a_column_is_replaced_the_same_night(instance: Instance) -> None:
    yaml = instance.folder / "use_cases" / "toy" / "use_case.yaml"
    plain = yaml.read_text(encoding="utf-8")
    derived = plain.replace("{base: orders}", '{base: orders, derive: {a_kilo: "price / weight"}}')
    yaml.write_text(derived.replace("[price, weight]", "[price, a_kilo]"), encoding="utf-8")
    said = night(instance, 0)
    assert "release 1" in said
    yaml.write_text(plain, encoding="utf-8")
    said = night(instance, 1)
    assert "release 1 was trained on `a_kilo`, which the table no longer has" in said
    assert "release 1 can't answer on this window" in said
    assert "release 2" in said
    assert "Traceback" not in said


def night(instance: Instance, number: int) -> str:
    instance.drop(NIGHTS[number])
    status, said = instance.run("run", "toy", "--as-of", NIGHTS[number].isoformat())
    assert status == 0, said
    return said

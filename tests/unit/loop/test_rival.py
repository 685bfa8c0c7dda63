"""When a champion can be asked about the gate window, and about which of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.evaluation.models import START, taken
from tests.unit.training.tables import timed_rows

from evergreen.artifacts import KeptApart, ModelVersion
from evergreen.evaluation.window import window_rows
from evergreen.features.errors import WrongColumns
from evergreen.loop.rival import unseen_part, why_silent
from evergreen.tasks import BINARY, MULTICLASS, Task


@dataclass(frozen=True)
class Model:
    """As much of a predictor as is looked at."""

    task: Task = BINARY
    positive: object = "Yes"
    lacks: str | None = None

    def check(self, _rows: Any) -> None:
        if self.lacks is not None:
            raise WrongColumns(f"column `{self.lacks}` is missing")


def version(**said: Any) -> ModelVersion:
    return ModelVersion(
        use_case="flights", version=3, run_id="r", uri="u", sha256="s", dataset_version=1, candidate="lightgbm",
        seed=0, **{"trained_before": None, **said},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("champion", "said"),
    [
        (Model(), None),
        (Model(positive="No"), "Its positive class is `No`; the challenger's is `Yes`."),
        (Model(task=MULTICLASS), "Its task is multiclass; the challenger's is binary."),
        (Model(lacks="wind"), "column `wind` is missing"),
    ],
)
def test_a_champion_that_answers_another_question_is_not_compared(
    tmp_path: Path, champion: Any, said: str | None
) -> None:
    challenger: Any = Model()
    assert why_silent(champion, challenger, taken(timed_rows(50), tmp_path)) == said


MIDDLE = START + timedelta(days=15)


@pytest.mark.parametrize(
    ("champion", "since"),
    [
        (version(kept_apart=KeptApart(before=MIDDLE)), MIDDLE),
        (version(trained_before=MIDDLE), MIDDLE),
        (version(trained_before=MIDDLE, twin_uri="t", kept_apart=KeptApart(before=START)), START),
        (version(trained_before=MIDDLE, twin_uri="t"), None),
        (version(), None),
    ],
    ids=["recorded", "before it was recorded", "its twin counts", "unknown of a twin", "without time"],
)
def test_promise_4_rows_that_the_champion_may_have_learned_from_are_left_out(
    tmp_path: Path, champion: ModelVersion, since: datetime | None
) -> None:
    data = taken(timed_rows(300), tmp_path)
    on, said = unseen_part(champion, "release 3", data)
    rows = window_rows(on)
    expected = window_rows(data) if since is None else window_rows(data).filter(window_rows(data)["_at"] > since)
    assert rows.equals(expected)
    assert on.window_rows == rows.height
    if since == MIDDLE:
        assert on.window_start == MIDDLE
        assert said is not None
        assert said.startswith(f"Left out: {300 - rows.height} of the window's 300 rows")

"""MLflow's alias `champion` follows the active release, and one that a person has moved is told of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from evergreen.loop import active


class Instance:
    """Two releases of models 3 and 5, the second active, and one alias in MLflow."""

    def __init__(self, alias: int | None) -> None:
        self.alias_now = alias
        self.models = self

    def aliases(self, use_case: str) -> dict[str, int]:
        return {} if self.alias_now is None else {"champion": self.alias_now}

    def alias(self, use_case: str, name: str, version: int) -> None:
        self.alias_now = version

    @contextmanager
    def ledger(self) -> Iterator[None]:
        yield


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    releases: dict[int, Any] = {
        number: SimpleNamespace(model=SimpleNamespace(version=version)) for number, version in ((1, 3), (2, 5))
    }
    log = [SimpleNamespace(release=number) for number in releases]
    monkeypatch.setattr(active, "activation_log", lambda db, use_case: log)
    monkeypatch.setattr(active, "last_activation", lambda db, use_case: log[-1])
    monkeypatch.setattr(active, "get_release", lambda db, use_case, number: releases[number])


@pytest.mark.parametrize("alias", [None, 3, 5], ids=["missing", "of the release before", "right"])
def test_the_alias_is_brought_to_the_active_release(alias: int | None) -> None:
    instance: Any = Instance(alias)
    with capture_logs() as logged:
        assert active.project_alias(instance, "flights") is None
    assert instance.alias_now == 5
    assert not logged


def test_an_alias_moved_by_hand_stays_and_the_log_says_what_to_do() -> None:
    instance: Any = Instance(4)
    with capture_logs() as logged:
        said = active.project_alias(instance, "flights")
    assert instance.alias_now == 4
    assert [(one["log_level"], one["event"]) for one in logged] == [("warning", said)]
    assert said is not None
    assert "moved by hand to model version 4, which has no effect: version 5 is active" in said
    assert "delete the alias in MLflow, and the next `flights.monitor` sets it anew" in said

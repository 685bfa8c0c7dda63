"""Settings from the environment, as compose hands them on."""

from __future__ import annotations

import pytest

from evergreen.settings import Settings


def test_what_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVERGREEN_ALERT_URL", "EVERGREEN_CLOCK"):
        monkeypatch.setenv(name, "")
    assert (Settings().alert_url, Settings().clock) == (None, None)


def test_where_alerts_go_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVERGREEN_ALERT_URL", "https://chat.example/hooks/T0P5ECRET")
    settings = Settings()
    assert settings.alert_url is not None
    assert settings.alert_url.get_secret_value().endswith("T0P5ECRET")
    assert "T0P5ECRET" not in repr(settings)

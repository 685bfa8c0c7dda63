"""Candidates that need a package which is not installed unless it is asked for."""

from __future__ import annotations

from importlib.util import find_spec

EXTRAS = {"catboost": "catboost"}
"""The candidate, and the module it needs; the extra of `pyproject.toml` is called like the candidate."""


def missing_extra(candidate: str) -> str | None:
    """None where the candidate can be used, otherwise a sentence that says how to install what it needs."""
    module = EXTRAS.get(candidate)
    if module is None or find_spec(module) is not None:
        return None
    return (
        f"candidate `{candidate}` needs a package that is not installed; `make .venv/.installed-dev` installs it from "
        "the lock, with the test tools"
    )

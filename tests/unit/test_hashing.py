"""Key texts: one for equal keys, another for every other."""

from __future__ import annotations

import polars as pl
import pytest

from evergreen.hashing import key_texts


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a|b", "c"), ("a", "b|c")), (("a\\", "b"), ("a", "\\b")), (("a\\|b", "c"), ("a\\", "b|c"))],
)
def test_different_keys_have_different_texts_whatever_stands_in_their_values(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    first, second = key_texts(pl.DataFrame([one, other], schema=["x", "y"], orient="row"), ["x", "y"])
    assert first != second


def test_keys_without_a_bar_or_a_backslash_and_single_ones_read_as_they_are() -> None:
    frame = pl.DataFrame({"x": ["a", r"a|\b"], "y": [1, 2]})
    assert key_texts(frame, ["x", "y"])[0] == "a|1"
    assert key_texts(frame, ["x"]).to_list() == ["a", r"a|\b"]

"""What may be called what in the data registry."""

from __future__ import annotations

import pytest

from evergreen.errors import PermanentError
from evergreen.versions.names import check_paths, check_use_case, parse_tag, tag


def test_a_tag_says_use_case_and_number_and_nothing_else_is_one() -> None:
    assert parse_tag(tag("flights", 12)) == ("flights", 12)
    for ref in ("refs/tags/flights@v0", "refs/tags/flights@v012", "refs/heads/flights@v1", "refs/tags/v1"):
        assert parse_tag(ref) is None


@pytest.mark.parametrize("name", ["../etc", "", "1st", "a b", "a@v1", "a.lock"])
def test_a_use_case_name_that_is_no_tag_is_refused(name: str) -> None:
    check_use_case("new_york-flights2")
    with pytest.raises(PermanentError, match="can't name a version"):
        check_use_case(name)


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a//b", "a/./b", "", "a\\b", "a\0", "table/day=1.parquet/x"])
def test_paths_that_cannot_be_are_refused(path: str) -> None:
    check_paths(["table/day=1.parquet", "table/day=2.parquet"])
    with pytest.raises(PermanentError, match=r"path in a dataset version|both a file and a folder"):
        check_paths(["table/day=1.parquet", path])

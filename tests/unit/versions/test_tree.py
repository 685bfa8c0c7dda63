"""The two formats written here; that they are DVC's own, byte for byte, is tested against DVC itself."""

from __future__ import annotations

import pytest

from evergreen.errors import PermanentError
from evergreen.versions.tree import Pointer, dump_tree, load_tree

ENTRIES = {"table/b": "b" * 32, "table/a": "a" * 32, "table-2": "c" * 32, 'ünïcode/"x"': "d" * 32}


def test_a_tree_goes_there_and_back_in_one_order() -> None:
    assert load_tree(dump_tree(ENTRIES)) == ENTRIES
    assert dump_tree(dict(sorted(ENTRIES.items()))) == dump_tree(ENTRIES)
    assert dump_tree({"b": "b" * 32}) == b'[{"md5": "' + b"b" * 32 + b'", "relpath": "b"}]'


def test_a_pointer_goes_there_and_back() -> None:
    pointer = Pointer(path="flights", tree="a" * 32 + ".dir", size=12, files=2)
    assert Pointer.load(pointer.dump(), "x") == pointer
    unsized = Pointer(path="flights", tree="a" * 32 + ".dir", size=None, files=2)
    assert b"size" not in unsized.dump()
    assert Pointer.load(unsized.dump(), "x") == unsized


@pytest.mark.parametrize("content", [b"", b"outs: []", b"outs:\n- md5: abc\n  path: x\n", b"{", b"[1]"])
def test_anything_else_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(PermanentError, match=r"flights@v1 is not the DVC pointer of one directory"):
        Pointer.load(content, "flights@v1")

"""The two formats of DVC that name a version's files: the directory object (`….dir`) and the pointer (`flights.dvc`).

Written here rather than by DVC because both are small and stable, and publishing then needs neither DVC's lock nor the
0.6 s of its import; the tests hold them against DVC itself, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import yaml

from evergreen.errors import PermanentError


@dataclass(frozen=True)
class Pointer:
    """What `<use case>.dvc` says: the directory object (with `.dir`) and, for DVC's own display, bytes and files."""

    path: str
    tree: str
    size: int | None
    files: int | None

    def dump(self) -> bytes:
        """Return the pointer as DVC writes it."""
        lines = ["outs:", f"- md5: {self.tree}"]
        if self.size is not None:
            lines.append(f"  size: {self.size}")
        if self.files is not None:
            lines.append(f"  nfiles: {self.files}")
        return "\n".join([*lines, "  hash: md5", f"  path: {self.path}", ""]).encode()

    @classmethod
    def load(cls, content: bytes, where: str) -> Pointer:
        """Read a pointer; PermanentError naming `where` when it isn't one of a single directory."""
        try:
            (out,) = yaml.safe_load(content)["outs"]
            tree = str(out["md5"])
            if not tree.endswith(".dir") or len(tree) != 36:
                raise ValueError(tree)
            return cls(path=str(out["path"]), tree=tree, size=out.get("size"), files=out.get("nfiles"))
        except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise PermanentError(
                f"{where} is not the DVC pointer of one directory: restore it with git checkout from a version's tag."
            ) from error


def dump_tree(entries: Mapping[str, str]) -> bytes:
    """Return the directory object of tree path → md5, exactly as DVC would write it."""
    return json.dumps([{"md5": entries[path], "relpath": path} for path in sorted(entries)]).encode()


def load_tree(content: bytes) -> dict[str, str]:
    """Read a directory object into tree path → md5."""
    return {cast("str", entry["relpath"]): cast("str", entry["md5"]) for entry in json.loads(content)}

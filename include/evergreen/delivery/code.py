"""Which of our own code a bento needs: whatever its service imports, followed from file to file."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from evergreen.hashing import file_sha256

PACKAGE = "evergreen"
SERVICE = Path("evergreen/delivery/bento_service.py")
"""Becomes `service.py` of every bento."""
Installed = Mapping[str, Sequence[str]]
"""The installed packages that hold each import name, as `importlib.metadata.packages_distributions` finds them."""
_ROOTS = (
    "evergreen.features",
    "evergreen.delivery.shape",
    "evergreen.delivery.bento",
    "evergreen.delivery.predictor",
    "evergreen.delivery.own.child",
)


@dataclass(frozen=True, slots=True)
class PackedCode:
    """What a bento holds of our code: files relative to the source's root, and the hash of them and the service."""

    files: tuple[Path, ...]
    sha256: str


def packed_code(source_root: Path) -> PackedCode:
    """What a bento made from `source_root` (the folder our package lies in) would hold."""
    files = needed_files(source_root, _ROOTS)
    return PackedCode(files, code_sha256(source_root, (*files, SERVICE)))


def needed_files(source_root: Path, roots: Sequence[str]) -> tuple[Path, ...]:
    """Files of our package that `roots` (module names) import, directly or not, relative to `source_root`.

    A package among the roots brings all of its modules. Imports for type checking only are not followed.
    """
    waiting = [module for root in roots for module in _modules(source_root, root)]
    found: set[Path] = set()
    while waiting:
        module = waiting.pop()
        path = _file(source_root, module)
        if path is None or path in found:
            continue
        found.add(path)
        waiting += [module.rpartition(".")[0]] if "." in module else []
        waiting += [name for name in _imports(source_root / path, module) if name.split(".")[0] == PACKAGE]
    return tuple(sorted(found))


def code_sha256(source_root: Path, files: Sequence[Path]) -> str:
    """Hex SHA-256 of the files' paths and bytes."""
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.as_posix()}\0{file_sha256(source_root / path)}\n".encode())
    return total.hexdigest()


def pinned_packages(
    source_root: Path, files: Sequence[Path], also: Sequence[str], installed: Installed
) -> tuple[str, ...]:
    """`name==version` of every installed package that the files import, and of the import names in `also`."""
    names = set(also)
    for path in files:
        names |= {name.split(".")[0] for name in _imports(source_root / path, "")}
    names -= {PACKAGE, *sys.stdlib_module_names}
    return tuple(sorted({f"{dist}=={version(dist)}" for name in names for dist in installed.get(name, [])[:1]}))


def _modules(source_root: Path, root: str) -> list[str]:
    folder = source_root / Path(*root.split("."))
    inside = [f"{root}.{path.stem}" for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]
    return [root, *inside]


def _file(source_root: Path, module: str) -> Path | None:
    path = Path(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if (source_root / candidate).is_file():
            return candidate
    return None


def _imports(path: Path, module: str) -> Iterator[str]:
    """Full names of what a file imports; of `from a import b` both `a` and `a.b`, which may be a module too."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    waiting: list[ast.AST] = [ast.parse(path.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.level == 0 or package):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        waiting += ast.iter_child_nodes(node)

"""What the tests of the data registry share: a registry with a staging folder and short ways to publish and to look."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evergreen.artifacts import BatchEntry, DatasetVersion, Manifest
from evergreen.versions import Registry

BASE = {"table/day=1.parquet": b"one", "table/day=2.parquet": b"two", "sources/weather/0.parquet": b"rain"}


def manifest(number: int, *, use_case: str = "flights", **said: Any) -> Manifest:
    """A manifest that differs in everything from the one before."""
    time = datetime(2013, 1, 1, 2, tzinfo=UTC) + timedelta(days=number)
    given: dict[str, Any] = {
        "use_case": use_case,
        "number": number,
        "parent": number - 1 or None,
        "data_time": time,
        "run_id": f"run-{number}",
        "spec": "abc",
        "cursors": {"weather": {"after": f"{number}"}},
        "schemas": {"weather": {"temp": "Float64"}},
        "counts": {"table": 10 * number},
        "batches": tuple(
            BatchEntry(batch=f"b{n}", source="weather", rows=3, new=2, broken=0, sha256="x", data_time=time)
            for n in range(1, number + 1)
        ),
    }
    return Manifest.model_validate({**given, **said})


class Kit:
    """A registry in a folder of its own, and the staged files of its next version."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.root = folder / "registry"
        self.options = {"patience": 0.2, **options}
        self.registry = self.reopen()

    def reopen(self) -> Registry:
        """The registry as another process would open it, remembering nothing."""
        self.registry = Registry.open(self.root, **self.options)
        return self.registry

    def stage(self, files: dict[str, bytes]) -> dict[str, Path]:
        """Write files and return tree path → staged file."""
        staged = {path: self.folder / "staging" / path for path in files}
        for path, where in staged.items():
            where.parent.mkdir(parents=True, exist_ok=True)
            where.write_bytes(files[path])
        return staged

    def publish(
        self, files: dict[str, bytes], removed: Collection[str] = (), *, use_case: str = "flights", **said: Any
    ) -> DatasetVersion:
        """Publish the next version of a use case."""
        parent = self.registry.head(use_case)
        said_by = manifest((parent.number if parent else 0) + 1, use_case=use_case, **said)
        return self.registry.publish(
            use_case=use_case, parent=parent, changed=self.stage(files), removed=removed, manifest=said_by
        )

    def read(self, version: DatasetVersion, prefix: str = "") -> dict[str, bytes]:
        """Tree path → bytes."""
        return {path: file.read_bytes() for path, file in self.registry.files(version, prefix).items()}

    def git(self, *arguments: str) -> str:
        """What a person's git says in the registry."""
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def damage(self, version: DatasetVersion, path: str) -> Path:
        """Change one byte of a cache file, leaving the mode that DVC trusts."""
        file = self.registry.files(version, path)[path]
        file.chmod(0o644)
        file.write_bytes(b"?" + file.read_bytes()[1:])
        file.chmod(0o444)
        return file

"""Wheels for tests that may not need a network: made up, or made again from what is installed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

from evergreen.hashing import file_sha256


def made_up_wheel(folder: Path, name: str = "made_up", version: str = "1.0") -> str:
    """A wheel with one module; its line in a lock."""
    files = {f"{name}.py": b"VALUE = 1\n", **_info(name, version, ["py3-none-any"])}
    return _write(folder, name, version, "py3-none-any", files)


def wheel_again(folder: Path, name: str, version: str | None = None) -> str:
    """A wheel of an installed library, said to be of another version if one is given; its line in a lock."""
    one = distribution(name)
    tags = re.findall(r"^Tag: (\S+)", one.read_text("WHEEL") or "", re.MULTILINE)
    called = one.metadata["Name"].replace("-", "_").replace(".", "_")
    files = {
        str(path): Path(str(path.locate())).read_bytes()
        for path in one.files or ()
        if ".." not in path.parts and "__pycache__" not in path.parts and ".dist-info" not in path.parts[0]
    }
    said = version or one.version
    return _write(folder, called, said, tags[-1], {**files, **_info(called, said, tags)})


def _info(name: str, version: str, tags: list[str]) -> Mapping[str, bytes]:
    lines = "".join(f"Tag: {tag}\n" for tag in tags)
    pure = "true" if tags[0].endswith("none-any") else "false"
    info = f"{name}-{version}.dist-info"
    return {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\n{lines}".encode(),
    }


def _write(folder: Path, name: str, version: str, tag: str, files: Mapping[str, bytes]) -> str:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    record = f"{name}-{version}.dist-info/RECORD"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as wheel:
        for file, data in files.items():
            wheel.writestr(file, data)
        wheel.writestr(record, "".join(f"{file},,\n" for file in [*files, record]))
    return f"{name.replace('_', '-').lower()}=={version} --hash=sha256:{file_sha256(path)}"

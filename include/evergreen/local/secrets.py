"""Generated passwords and keys: one file each, mode 0600, in a folder of mode 0700.

The only place of the local services where randomness comes from.
"""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def password() -> str:
    """A new password of 32 characters that needs no quoting in a URL, a shell or JSON."""
    return secrets.token_urlsafe(24)


def fernet_key() -> str:
    """A new key for Airflow's encrypted fields: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def jwt_secret() -> str:
    """A new key for signed tokens: 64 random bytes, what HS512 asks for."""
    return secrets.token_urlsafe(64)


def private_folder(folder: Path) -> Path:
    """Create `folder` if it is missing and close it to everyone else."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    return folder


def write_private(path: Path, text: str, *, replace: bool = True) -> None:
    """Write `text` to `path`, mode 0600, whole or not at all.

    With `replace=False` an existing file stays as it is: of two processes that write at once, the first wins.
    """
    private_folder(path.parent)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp creates it with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            Path(temporary).replace(path)
        else:
            with suppress(FileExistsError):
                os.link(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def secret(folder: Path, name: str, make: Callable[[], str] = password) -> str:
    """The secret `name` kept in `folder`; `make()` invents it the first time."""
    path = folder / name
    if not path.exists():
        write_private(path, make() + "\n", replace=False)
    return path.read_text(encoding="utf-8").strip()

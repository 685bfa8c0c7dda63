"""A remote that DVC reaches for us: S3 and every other scheme DVC knows. DVC is imported at the first use."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from evergreen.errors import EvergreenError, PermanentError, TransientError
from evergreen.versions.errors import brief
from evergreen.versions.objects import Damaged, ObjectFolder


class DvcRemote:
    """The remote `default` of the repository at `root`, with the credentials and options of its DVC configuration."""

    def __init__(self, root: Path, url: str) -> None:
        self._root = root
        self._url = brief(url)
        self._opened: Any = None

    @property
    def url(self) -> str:
        """The address without a log-in."""
        return self._url

    def missing(self, sizes: Mapping[str, int]) -> set[str]:
        """Return the objects that aren't there. Sizes aren't compared: uploads to object stores are whole or absent."""
        with self._errors("asked for what it holds"):
            return set(sizes) - set(self._store().oids_exist(list(sizes)))

    def upload(self, objects: Mapping[str, Path]) -> None:
        """Upload objects, files before the directory object that names them; `verify true` reads each back."""
        with self._errors("written to"):
            from dvc_objects.fs.local import LocalFileSystem

            store, local = self._store(), cast("Any", LocalFileSystem)()
            for group in (False, True):
                oids = [oid for oid in objects if oid.endswith(".dir") is group]
                paths = [str(objects[oid]) for oid in oids]
                if oids:
                    store.add(paths, local, oids, check_exists=False)
            lost = set(objects) - set(store.oids_exist(list(objects)))
            if lost:
                raise TransientError(f"{len(lost)} objects did not arrive whole at {self._url}: push again.")

    def fetch(self, oid: str, into: ObjectFolder) -> bool:
        """Download one object into `into`."""
        temporary = self._root / ".dvc" / "tmp" / f"fetch-{secrets.token_hex(8)}"
        try:
            with self._errors("read"):
                temporary.parent.mkdir(parents=True, exist_ok=True)
                store = self._store()
                try:
                    store.fs.get_file(store.oid_to_path(oid), str(temporary))
                except FileNotFoundError:
                    return False
            into.put(temporary, oid=oid)
            into.settle()
            return True
        finally:
            temporary.unlink(missing_ok=True)

    def _store(self) -> Any:
        if self._opened is None:
            try:
                from dvc.repo import Repo
            except ImportError as error:
                raise PermanentError(
                    f"The remote {self._url} needs DVC, which isn't installed: pip install 'dvc[s3]', or let "
                    "EVERGREEN_DVC_REMOTE be a local folder."
                ) from error
            with Repo(str(self._root)) as repo:
                self._opened = repo.cloud.get_remote_odb("default")
        return self._opened

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (EvergreenError, Damaged):
            raise
        except Exception as error:  # every scheme's client has its own exceptions
            text = f"The DVC remote {self._url} could not be {what} ({type(error).__name__}: {brief(str(error))})."
            if _permanent(error):
                raise PermanentError(
                    f"{text} Check EVERGREEN_DVC_REMOTE, the credentials, and dvc remote list in {self._root}."
                ) from error
            raise TransientError(f"{text} Run again when it can be reached.") from error


def _permanent(error: Exception) -> bool:
    from dvc.config import ConfigError
    from dvc.exceptions import DvcException

    if isinstance(error, PermissionError | ConfigError | DvcException | ImportError):
        return True
    code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
    return code in {"AccessDenied", "InvalidAccessKeyId", "NoSuchBucket", "SignatureDoesNotMatch", "403"}

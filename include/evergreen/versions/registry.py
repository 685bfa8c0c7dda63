"""The data registry: every use case's dataset versions, published whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from evergreen.artifacts import DatasetVersion, Manifest
from evergreen.errors import PermanentError, bounded
from evergreen.parts import Parts
from evergreen.versions import create, publish
from evergreen.versions.branch import Branch
from evergreen.versions.byhand import ByHand, judge
from evergreen.versions.contents import Contents
from evergreen.versions.diff import VersionDiff, compare
from evergreen.versions.dvc_remote import DvcRemote
from evergreen.versions.garbage import collect
from evergreen.versions.git import Git
from evergreen.versions.gitremote import push_refs
from evergreen.versions.lock import locked
from evergreen.versions.names import check_paths, check_use_case
from evergreen.versions.objects import ObjectFolder
from evergreen.versions.records import Records
from evergreen.versions.remote import FolderRemote, Remote


class Registry:
    """A git + DVC repository at `root`. Any number of processes may use it at once; readers never wait.

    `remote` is the DVC remote that keeps the second copy (a folder or a URL; default: a folder beside `root`), and
    `git_remote` a git URL that versions are pushed to. `patience`: seconds after which a lock file of git that nothing
    touches counts as left by a killed process.
    """

    def __init__(
        self, root: Path, *, remote: str | None = None, git_remote: str | None = None, patience: float = 5.0
    ) -> None:
        self._root = root.absolute()
        self._git = Git(self._root, patience=patience)
        self._records = Records(self._git)
        self._git_remote = git_remote
        url = (
            _absolute(remote)
            or create.configured(self._root, 'remote "default"', "url")
            or create.default_remote(self._root)
        )
        cache = Path(create.configured(self._root, "cache", "dir") or "cache")
        self._contents = Contents(ObjectFolder(self._root / ".dvc" / cache / "files" / "md5"), _remote(self._root, url))

    @classmethod
    def open(
        cls, root: Path, *, remote: str | None = None, git_remote: str | None = None, patience: float = 5.0
    ) -> Registry:
        """Open the registry, making it first when there is none, and repair what a crash may have left half told."""
        remote = _absolute(remote)
        create.ensure(root.absolute(), remote, git_remote)
        registry = cls(root, remote=remote, git_remote=git_remote, patience=patience)
        if not Branch(registry._git).settled():
            with registry._lock():
                Branch(registry._git).repair()
        return registry

    def worktree(self) -> Path:
        """Return the folder where a person runs git and dvc."""
        return self._root

    def head(self, use_case: str) -> DatasetVersion | None:
        """Return the newest version; None before the first."""
        return self._records.head(use_case)

    def get(self, use_case: str, number: int) -> DatasetVersion:
        """Return one version. Raises PermanentError, naming what exists, when it is unknown."""
        return self._records.get(use_case, number)

    def history(self, use_case: str) -> list[DatasetVersion]:
        """Return every version, oldest first."""
        return self._records.history(use_case)

    def manifest(self, version: DatasetVersion) -> Manifest:
        """Return the version's manifest."""
        return self._records.manifest(version)

    def paths(self, version: DatasetVersion, prefix: str = "") -> list[str]:
        """Return the tree paths that start with `prefix`, sorted, without touching the files."""
        return [path for path in self._contents.entries(version) if path.startswith(prefix)]

    def files(self, version: DatasetVersion, prefix: str = "") -> dict[str, Path]:
        """Return tree path → read-only file, each with the bytes that were published.

        Every file is hashed (once for as long as it is unchanged and this object lives); a missing or damaged one is
        fetched again from the remote. Raises PermanentError when the remote can't help, TransientError when it can't
        be reached.
        """
        return self._contents.files(version, prefix)

    def parts(self, version: DatasetVersion | None) -> Parts:
        """Return a version's table, sources and quarantine, as lazy frames or files; of None, parts without files.

        A part's files are checked as `files` does it when they are asked for.
        """
        return Parts.of({}) if version is None else Parts(lambda prefix: self.files(version, prefix))

    def publish(
        self,
        *,
        use_case: str,
        parent: DatasetVersion | None,
        changed: Mapping[str, Path],
        removed: Collection[str] = (),
        manifest: Manifest,
    ) -> DatasetVersion:
        """Make the version after `parent`: its tree with `changed` (tree path → file) put in and `removed` taken out.

        Whole or absent, whenever the process dies; a repeat of the same call returns the same version. Raises
        ParentMoved when `parent` isn't the newest any more, PermanentError for a manifest of another number or paths
        that can't be, TransientError when the disk is full. `push` it afterwards.
        """
        check_use_case(use_case)
        publish.check(use_case, parent, manifest)
        entries = dict(self._contents.entries(parent)) if parent else {}
        unknown = [path for path in removed if path not in entries or path in changed]
        if unknown:
            raise PermanentError(
                f"Can't remove {bounded(unknown)} from {parent.name if parent else 'nothing'}: only paths of "
                "the parent's tree that aren't changed too can be removed."
            )
        for path in removed:
            del entries[path]
        check_paths([*entries, *changed])
        with self._publishing():
            entries |= self._contents.store(changed)
            return self._commit(parent, entries, manifest)

    def restore(
        self,
        *,
        use_case: str,
        to: DatasetVersion,
        parent: DatasetVersion,
        data_time: datetime,
        run_id: str,
    ) -> DatasetVersion:
        """Roll back by going forward: publish, after `parent`, the tree, cursors, schemas and batches of `to`.

        Its `spec` too: the table is what that made of the data, so the next ingest follows an edit made since. The
        files of `to` are verified first (and fetched if need be). Raises like `publish`.
        """
        said = self.manifest(to).model_copy(
            update={
                "number": parent.number + 1,
                "parent": parent.number,
                "restores": to.number,
                "run_id": run_id,
            }
        )
        manifest = Manifest.model_validate({**said.model_dump(), "data_time": data_time})
        publish.check(use_case, parent, manifest)
        with self._publishing():
            self.files(to)
            return self._commit(parent, self._contents.entries(to), manifest)

    def diff(self, a: DatasetVersion, b: DatasetVersion) -> VersionDiff:
        """Compare version `a` with version `b`."""
        before, after = ((one, self.manifest(one), self._contents.entries(one)) for one in (a, b))
        return compare(before, after)

    def verify(self, version: DatasetVersion) -> list[str]:
        """Hash every file of the version in the cache and look for it in the remote; return the problems in words."""
        return self._contents.problems(version)

    def push(self, version: DatasetVersion) -> None:
        """Put what the DVC remote lacks of the version there, then tag and main to the git remote if there is one."""
        self._contents.push(version)
        if self._git_remote is not None:
            push_refs(self._git, self._git_remote, version)

    def adopt(self, use_case: str) -> ByHand | None:
        """Look for a rollback that a person committed by hand on main.

        Returns it (then call `restore` with that version and the head as parent), or None when main agrees with the
        newest version. Raises ChangedByHand, leaving all as it is, when main was changed in any other way. Changes that
        aren't committed are nobody's business but the person's.
        """
        with self._lock():
            main, head = Branch(self._git).repair(), self.head(use_case)
            return None if head is None else judge(self._git, self._records, head, main)

    def collect_garbage(self) -> int:
        """Remove objects of the cache that no tag and no branch refers to; return how many.

        Raises TransientError while a version is being published.
        """
        with locked(self._root / ".git" / "evergreen-objects.lock", patience=0.0), self._lock():
            return collect(self._git, self._contents)

    def _commit(self, parent: DatasetVersion | None, entries: Mapping[str, str], manifest: Manifest) -> DatasetVersion:
        with self._lock():
            return publish.commit_version(
                self._git, self._records, self._contents, parent=parent, entries=entries, manifest=manifest
            )

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        """Keep garbage collection away from objects that no tag names yet."""
        with locked(self._root / ".git" / "evergreen-objects.lock", shared=True):
            yield

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self._root / ".git" / "evergreen.lock")


def _absolute(remote: str | None) -> str | None:
    return remote if remote is None or "://" in remote else str(Path(remote).absolute())


def _remote(root: Path, url: str) -> Remote:
    if "://" in url:
        return DvcRemote(root, url)
    # DVC resolves a relative path against the folder of its configuration.
    return FolderRemote((root / ".dvc" / url).resolve())

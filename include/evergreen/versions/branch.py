"""The branch `main`, which tells the versions of all use cases as one history.

Tags are the truth and `main` follows them. A publish makes its commit on top of `main` (main's tree with the use case's
two files replaced), creates the tag, and only then moves `main` from the commit it saw to the new one. When a person's
commit came between, or a crash, `repair` brings in the tags that `main` lacks: by moving it forward, else by a merge
that takes the use case's two files from the tag unless the person changed just those. So a later publish never loses
another use case's files, and a person's commit is never lost either.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping

from evergreen.errors import PermanentError, TransientError
from evergreen.versions.git import Git
from evergreen.versions.names import MAIN, manifest_file, parse_tag, pointer_file

WORKTREE = "refs/evergreen/worktree"
"""The commit that the index and the two small files in the work tree were last brought up to."""

_ATTEMPTS = 50
_Files = Mapping[str, str | None]


class Branch:
    """Moves `main` after the tags, and a clean work tree after `main`. Call it under the registry's lock."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def commit(self) -> str:
        """Return the commit `main` is at."""
        found = self._git.refs(MAIN).get(MAIN)
        if found is None:
            raise PermanentError(
                f"The data registry {self._git.root} has no branch main: make it again with "
                f"git -C {self._git.root} branch main <newest version's tag>"
            )
        return found

    def settled(self) -> bool:
        """Say whether there is nothing to repair."""
        refs = self._git.refs(MAIN, WORKTREE)
        return not self._lacking() and refs.get(WORKTREE) == refs.get(MAIN)

    def repair(self) -> str:
        """Bring every tag into `main` and a clean work tree up to it; return main's commit."""
        for _ in range(_ATTEMPTS):
            main, lacking = self.commit(), self._lacking()
            if not lacking:
                self.sync((main,), main)
                return main
            use_case, tagged = lacking[0]
            new = tagged if self._git.is_ancestor(main, tagged) else self._merge(main, use_case, tagged)
            if self._git.move_ref(MAIN, new, main):
                self.sync((main,), new)
        raise TransientError(
            f"The branch main of {self._git.root} was moved by others {_ATTEMPTS} times in a row: run again."
        )

    def advance(self, new: str, old: str) -> None:
        """Move `main` from `old` to the freshly tagged commit `new`, by a merge when it isn't at `old` any more."""
        if self._git.move_ref(MAIN, new, old):
            self.sync((old,), new)
        else:
            self.repair()

    def sync(self, before: Iterable[str], now: str) -> None:
        """Bring each use case's two files in index and work tree up to commit `now`, where nobody has touched them.

        Untouched means equal to one of the commits `before`, or to what was brought up last. Anything else is a
        person's work in progress and stays; so does everything when HEAD is elsewhere or a git command holds the index.
        """
        if (self._git.folder / "HEAD").read_text().strip() != f"ref: {MAIN}":
            return
        last = self._git.refs(WORKTREE).get(WORKTREE)
        if last == now:
            return
        target = self._files(now)
        bases = [self._files(commit) for commit in dict.fromkeys((*before, *((last,) if last else ())))]
        index = self._index()
        stale: dict[str, str] = {}
        for use_case in [name.removesuffix(".dvc") for name in target if name.endswith(".dvc")]:
            names = (pointer_file(use_case), manifest_file(use_case))
            there = [(index.get(name), self._on_disk(name)) for name in names]
            for base in bases:
                known = [{base.get(name), target.get(name)} for name in names]
                if all(one in allowed for pair, allowed in zip(there, known, strict=True) for one in pair):
                    stale |= {
                        name: blob
                        for name, pair in zip(names, there, strict=True)
                        if (blob := target.get(name)) is not None and pair != (blob, blob)
                    }
        if self._bring_up(stale):
            self._git.move_ref(WORKTREE, now, last or "0" * 40)

    def _lacking(self) -> list[tuple[str, str]]:
        """Return use case and commit of the newest tag of every use case whose tags are not all in `main`."""
        newest: dict[str, tuple[int, str]] = {}
        for ref, commit in self._git.refs("refs/tags/*@v*", options=(f"--no-merged={MAIN}",)).items():
            parsed = parse_tag(ref)
            if parsed is not None:
                newest[parsed[0]] = max(newest.get(parsed[0], (0, "")), (parsed[1], commit))
        return [(use_case, commit) for use_case, (_, commit) in sorted(newest.items())]

    def _merge(self, main: str, use_case: str, tagged: str) -> str:
        names = (pointer_file(use_case), manifest_file(use_case))
        base = self._git.text("merge-base", main, tagged)
        at_base, at_main, at_tag = self._files(base), self._files(main), self._files(tagged)
        by_hand = any(at_base.get(name) != at_main.get(name) for name in names)
        files = {} if by_hand else {name: blob for name in names if (blob := at_tag.get(name)) is not None}
        message = f"Bring {use_case} into main\n\nmain had moved on while its version was published.\n"
        return self._git.commit(self._git.tree_with(main, files), [main, tagged], message)

    def _files(self, commit: str) -> dict[str, str]:
        """Return name → blob of the pointers and manifests at a commit."""
        lines = self._git.text("ls-tree", "-z", commit).split("\0")
        entries = [line.split("\t", 1) for line in lines if line]
        return {name: about.split()[2] for about, name in entries if _ours(name) and about.split()[1] == "blob"}

    def _index(self) -> dict[str, str]:
        entries: dict[str, str] = {}
        for line in self._git.text("ls-files", "-s", "-z", "--", "*.dvc", "*.manifest.json").split("\0"):
            if line:
                about, name = line.split("\t", 1)
                _, blob, stage = about.split()
                # An entry of an unfinished merge equals no blob, so it counts as a person's.
                entries[name] = blob if stage == "0" else "unmerged"
        return entries

    def _on_disk(self, name: str) -> str | None:
        path = self._git.root / name
        if path.is_symlink() or path.is_dir():
            return "not a file"
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

    def _bring_up(self, stale: Mapping[str, str]) -> bool:
        if not stale:
            return True
        if (self._git.folder / "index.lock").exists():
            return False
        try:
            for name, content in zip(stale, self._git.contents(list(stale.values())), strict=True):
                temporary = self._git.folder / f"evergreen-{os.getpid()}.tmp"
                temporary.write_bytes(content or b"")
                temporary.replace(self._git.root / name)
        except OSError:
            # The version is published all the same; the next publish or open brings the work tree up.
            return False
        lines = "".join(f"100644 {blob}\t{name}\0" for name, blob in stale.items())
        return self._git.attempt("update-index", "-z", "--index-info", stdin=lines.encode()).returncode == 0


def _ours(name: str) -> bool:
    return name.endswith((".dvc", ".manifest.json")) and not name.startswith(".")

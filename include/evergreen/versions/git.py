"""The git commands the registry needs: plumbing only, so nothing a person has checked out or configured takes part."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from evergreen.errors import PermanentError, TransientError
from evergreen.versions.errors import brief

_ZERO = "0" * 40
_NAME, _MAIL, _ROLES = "Evergreen", "evergreen@localhost", ("AUTHOR", "COMMITTER")
_CONFIG = {
    "commit.gpgSign": "false",
    "core.fsync": "committed,reference",
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
    "i18n.commitEncoding": "UTF-8",
}
# "unable to resolve" and "is at … but expected": the ref is not where the caller last saw it.
_MOVED = ("reference already exists", "but expected", "unable to resolve reference", "reference is missing")


class Git:
    """One repository. Refs change only if they still are what the caller saw."""

    def __init__(self, root: Path, *, patience: float = 5.0) -> None:
        """`patience`: seconds after which an untouched lock file of a ref counts as left by a killed git."""
        self.root = root
        self.folder = root / ".git"
        self._patience = patience

    def run(self, *arguments: str, stdin: bytes = b"", timeout: float = 120.0) -> bytes:
        """Run git and return its output; a typed error with git's own words when it fails."""
        done = self.attempt(*arguments, stdin=stdin, timeout=timeout)
        if done.returncode != 0:
            raise self._error(arguments, done.stderr)
        return done.stdout

    def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git and return its output as text without the last line end."""
        return self.run(*arguments, stdin=stdin).decode("utf-8", "replace").rstrip("\n")

    def attempt(
        self, *arguments: str, stdin: bytes = b"", timeout: float = 120.0
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git and return whatever came out of it."""
        settings = [part for key, value in _CONFIG.items() for part in ("-c", f"{key}={value}")]
        command = ["git", f"--git-dir={self.folder}", f"--work-tree={self.root}", *settings, *arguments]
        try:
            return subprocess.run(
                command,
                input=stdin,
                capture_output=True,
                cwd=self.root,
                env=_environment(),
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            # what it says has the whole command, and so a remote's log-in
            raise TransientError(f"git {arguments[0]} in {self.root} took over {timeout:g} s: run again.") from None
        except OSError as error:
            if not self.root.is_dir():
                raise PermanentError(f"The data registry {self.root} is gone: restore it or open a new one.") from error
            raise PermanentError(
                f"git could not be started ({error.strerror}): install git 2.36 or newer and put it on the PATH."
            ) from error

    def object_ids(self, names: Sequence[str]) -> list[str | None]:
        """Return the id of each object named like `main:flights.dvc`; None for what doesn't exist."""
        lines = self.text("cat-file", "--batch-check=%(objectname)", stdin=_lines(names)).splitlines()
        return [None if line.endswith((" missing", " ambiguous")) else line for line in lines]

    def contents(self, names: Sequence[str]) -> list[bytes | None]:
        """Return the bytes of each object named like `main:flights.dvc`; None for what doesn't exist."""
        out, found, at = self.run("cat-file", "--batch", stdin=_lines(names)), list[bytes | None](), 0
        for _ in names:
            end = out.index(b"\n", at)
            header, at = out[at:end], end + 1
            if header.endswith((b" missing", b" ambiguous")):
                found.append(None)
                continue
            size = int(header.rsplit(b" ", 1)[1])
            found.append(out[at : at + size])
            at += size + 1
        return found

    def refs(self, *patterns: str, options: Iterable[str] = ()) -> dict[str, str]:
        """Return ref → commit of the refs that match."""
        form = "--format=%(refname) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)"
        lines = self.text("for-each-ref", form, *options, *patterns).splitlines()
        return {ref: commit for ref, _, commit in (line.partition(" ") for line in lines)}

    def write_blob(self, content: bytes) -> str:
        """Store bytes and return their id."""
        return self.text("hash-object", "-w", "--stdin", stdin=content)

    def tree_with(self, commit: str, files: Mapping[str, str]) -> str:
        """Return the id of `commit`'s tree with top-level `files` (name → blob id) put in."""
        entries = {line.split("\t", 1)[1]: line for line in self.text("ls-tree", "-z", commit).split("\0") if line}
        entries |= {name: f"100644 blob {blob}\t{name}" for name, blob in files.items()}
        return self.text("mktree", "-z", stdin="".join(f"{line}\0" for line in entries.values()).encode())

    def commit(self, tree: str, parents: Sequence[str], message: str) -> str:
        """Store a commit on no branch and return its id."""
        given = [part for parent in parents for part in ("-p", parent)]
        return self.text("commit-tree", tree, *given, stdin=message.encode())

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Say whether `newer` holds all that `older` does."""
        return self.attempt("merge-base", "--is-ancestor", older, newer).returncode == 0

    def create_ref(self, ref: str, commit: str) -> bool:
        """Create `ref`; False when it exists already. Of any number of callers one gets True."""
        return self.move_ref(ref, commit, _ZERO)

    def move_ref(self, ref: str, new: str, old: str) -> bool:
        """Point `ref` from `old` to `new`; False when it isn't at `old` any more."""
        arguments = ("update-ref", "-m", "evergreen", ref, new, old)
        left = self.folder / f"{ref}.lock"
        seen, since = _mark(left), time.monotonic()
        while True:
            done = self.attempt(*arguments)
            if done.returncode == 0:
                return True
            said = done.stderr.decode("utf-8", "replace")
            if "File exists" not in said or ".lock" not in said:
                if any(word in said for word in _MOVED):
                    return False
                raise self._error(arguments, done.stderr)
            if _mark(left) != seen:
                seen, since = _mark(left), time.monotonic()
            elif time.monotonic() - since >= self._patience:
                left.unlink(missing_ok=True)
            time.sleep(0.02)

    def _error(self, arguments: Sequence[str], stderr: bytes) -> PermanentError | TransientError:
        said = brief(stderr)
        if "No space left" in said or "Disk quota" in said:
            return TransientError(f"The disk of the data registry {self.root} is full ({said}): free space, run again.")
        return PermanentError(
            f"git {arguments[0]} failed in the data registry {self.root}: {said or 'no message'}. "
            f"Look at it with: git -C {self.root} status; git -C {self.root} fsck"
        )


def _environment() -> dict[str, str]:
    """The process's environment without what a surrounding git command (a hook) or a person's identity would add."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    network = {key: os.environ[key] for key in ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS") if key in os.environ}
    author = {f"GIT_{role}_NAME": _NAME for role in _ROLES} | {f"GIT_{role}_EMAIL": _MAIL for role in _ROLES}
    return {**kept, **network, **author, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode()


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns

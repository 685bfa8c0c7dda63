"""Telling a git remote of a new version."""

from __future__ import annotations

from evergreen.artifacts import DatasetVersion
from evergreen.errors import PermanentError, TransientError
from evergreen.versions.errors import brief
from evergreen.versions.git import Git
from evergreen.versions.names import MAIN, tag


def push_refs(git: Git, remote: str, version: DatasetVersion) -> None:
    """Push the version's tag, then main. A repeat does nothing.

    Raises PermanentError when the remote has another commit under that tag or a main that this registry lacks, and
    TransientError when it can't be reached.
    """
    ref = tag(version.use_case, version.number)
    _push(
        git, remote, f"{ref}:{ref}", f"has another commit as {version.name}: two registries publish to it. Let one of"
    )
    _push(
        git,
        remote,
        f"{MAIN}:{MAIN}",
        f"has commits on main that {git.root} lacks. Get them with git pull --no-rebase in",
    )


def _push(git: Git, remote: str, refspec: str, clash: str) -> None:
    done = git.attempt("push", "--porcelain", remote, refspec, timeout=600.0)
    if done.returncode == 0:
        return
    where, said = brief(remote), brief(done.stderr)
    if b"[rejected]" in done.stdout:
        raise PermanentError(f"The git remote {where} {clash} them, and push again.")
    raise TransientError(f"Pushing to the git remote {where} failed ({said}): check its address and log-in, run again.")

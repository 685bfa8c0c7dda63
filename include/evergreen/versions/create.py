"""Making a data registry where there is none: a git and DVC repository like `git init && dvc init` make it."""

from __future__ import annotations

import configparser
import os
import shutil
import tempfile
from pathlib import Path

from evergreen.errors import PermanentError, TransientError
from evergreen.versions.errors import brief
from evergreen.versions.git import Git
from evergreen.versions.names import MAIN
from evergreen.versions.objects import disk_errors, fsync

_IGNORED = """\
# Data folders are DVC's. Git keeps the pointers and manifests.
/*/
!/.dvc/
"""
_DVCIGNORE = """\
# Add patterns of files dvc should ignore, which could improve
# the performance. Learn more at
# https://dvc.org/doc/user-guide/dvcignore
"""
_CONFIG = """\
[core]
    remote = default
    analytics = false
    check_update = false
['remote "default"']
    url = {remote}
    verify = true
"""


def ensure(root: Path, remote: str | None, git_remote: str | None) -> None:
    """Create the registry at `root` unless it is there, and let it use the remotes given.

    Made in a folder beside `root` and renamed into place, so it is whole or absent and of two creators one wins. With a
    `git_remote` that already holds a registry, that one is cloned.
    """
    with disk_errors(root):
        if not (root / ".git").exists():
            if root.exists() and any(root.iterdir()):
                raise PermanentError(f"{root} is not empty and not a data registry: give an empty or a new folder.")
            root.parent.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{root.name}.", dir=root.parent))
            try:
                _build(draft / "registry", remote or default_remote(root), git_remote)
                _install(draft / "registry", root)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        if not (root / ".dvc" / "config").exists():
            raise PermanentError(f"{root} is a git repository but not a data registry: give an empty or a new folder.")
        if remote is not None and remote != configured(root, 'remote "default"', "url"):
            _configure_locally(root, remote)
    if git_remote is not None:
        git = Git(root)
        if git.attempt("config", "--local", "remote.origin.url").stdout.decode().strip() != git_remote:
            git.run("config", "--local", "remote.origin.url", git_remote)
            git.run("config", "--local", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")


def default_remote(root: Path) -> str:
    """Return the folder next to the registry that keeps the second copy."""
    return str(root.absolute().parent / f"{root.name}-remote")


def configured(root: Path, section: str, option: str) -> str | None:
    """Return an option of the repository's DVC configuration, the machine's own file before the shared one.

    Read here so that opening a registry doesn't import DVC. Raises PermanentError when a file is not one of DVC's.
    """
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read([root / ".dvc" / "config", root / ".dvc" / "config.local"])
    except configparser.Error as error:
        raise PermanentError(
            f"The DVC configuration of {root} can't be read ({brief(str(error))}): see dvc config --list there."
        ) from error
    # DVC quotes sections of two words.
    return next((parser[name][option] for name in (f"'{section}'", section) if parser.has_option(name, option)), None)


def _build(draft: Path, remote: str, git_remote: str | None) -> None:
    draft.mkdir()
    git = Git(draft)
    git.run("init", "--quiet", "--template=", "--object-format=sha1", "--initial-branch=main", str(draft))
    if git_remote is not None and _cloned(git, git_remote):
        return
    files = {
        ".gitignore": _IGNORED,
        ".dvcignore": _DVCIGNORE,
        ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
        ".dvc/config": _CONFIG.format(remote=remote),
    }
    (draft / ".dvc").mkdir()
    for name, content in files.items():
        with (draft / name).open("w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    for folder in (draft / ".dvc", draft):
        fsync(folder)
    git.run("add", "--force", "--", *files)
    commit = git.commit(git.text("write-tree"), [], "Make the data registry\n")
    git.create_ref(MAIN, commit)


def _cloned(git: Git, git_remote: str) -> bool:
    there = git.attempt("ls-remote", "--heads", git_remote, "main")
    if there.returncode != 0:
        raise TransientError(
            f"The git remote {brief(git_remote)} could not be read ({brief(there.stderr)}): check "
            "EVERGREEN_REGISTRY_REMOTE and its credentials, and run again."
        )
    if not there.stdout.strip():
        return False
    git.run("fetch", "--quiet", git_remote, "refs/heads/main:refs/evergreen/fetched", "refs/tags/*:refs/tags/*")
    git.create_ref(MAIN, git.text("rev-parse", "refs/evergreen/fetched"))
    git.run("reset", "--quiet", "--hard", MAIN)
    return True


def _install(draft: Path, root: Path) -> None:
    try:
        draft.rename(root)
        fsync(root.parent)
    except OSError:
        # Another process was first, and its registry is as good.
        if not (root / ".git").exists():
            raise


def _configure_locally(root: Path, remote: str) -> None:
    path = root / ".dvc" / "config.local"
    parser = configparser.RawConfigParser()
    parser.read(path)
    section = "'remote \"default\"'"
    if not parser.has_section(section):
        parser.add_section(section)
    parser.set(section, "url", remote)
    temporary = path.with_name(f"config.local.{os.getpid()}")
    with temporary.open("w") as file:
        parser.write(file)
    temporary.replace(path)

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from evergreen.errors import TransientError
from evergreen.versions.git import Git


def test_a_git_that_takes_too_long_does_not_tell_the_log_in_of_its_remote(tmp_path: Path) -> None:
    token = tmp_path.name[::-1]
    with pytest.raises(TransientError, match=r"git ls-remote .* run again") as told:
        Git(tmp_path).run("ls-remote", f"https://someone:{token}@127.0.0.1:9/registry.git", timeout=0.0)
    assert token not in "".join(traceback.format_exception(told.value))

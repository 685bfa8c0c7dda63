"""A bento's own lock."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

from evergreen.delivery.own.lock import differing, lock_python, lock_text, unhashed

ROOT = Path(__file__).parents[3]
PYTHON = ".".join(platform.python_version_tuple()[:2])


def test_it_names_what_a_library_needs_in_turn_with_the_hashes_of_the_projects_lock() -> None:
    text = lock_text(["scikit_learn"], ROOT / "requirements.txt")
    lines = text.splitlines()
    assert lines[0] == f"# Python {PYTHON}"
    names = [line.partition("==")[0] for line in lines[1:]]
    assert names == ["cloudpickle", "joblib", "narwhals", "numpy", "scikit-learn", "scipy", "threadpoolctl"]
    assert f"scikit-learn=={version('scikit-learn')} --hash=sha256:" in text
    assert not unhashed(text)
    assert not differing(text)
    assert lock_text(["scikit-learn"], ROOT / "requirements.txt") == text


def test_a_library_that_nobody_locked_in_that_version_has_no_hash(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"six==0.1 \\\n    --hash=sha256:{'0' * 64}\n    # via x\n")
    text = lock_text(["six"], requirements)
    assert unhashed(text) == (f"six=={version('six')}",)
    assert lock_text(["six"], None) == lock_text(["six"], tmp_path / "none") == text


def test_what_differs_from_this_process_is_named_with_both_versions() -> None:
    text = f"# Python 3.9\nsix==0.1 --hash=sha256:{'0' * 64}\nno-such-library==2.0\nnumpy=={version('numpy')}\n"
    assert lock_python(text) == "3.9"
    here = f"Python 3.9 (here {PYTHON})"
    assert differing(text) == (here, f"six 0.1 (here {version('six')})", "no-such-library 2.0 (here none)")

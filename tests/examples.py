"""How many examples or seeds a test tries: few by default, more with EVERGREEN_TEST_EXAMPLES."""

from __future__ import annotations

import os


def examples(usual: int) -> int:
    """`usual`, or EVERGREEN_TEST_EXAMPLES where that is more."""
    return max(usual, int(os.environ.get("EVERGREEN_TEST_EXAMPLES", "0")))

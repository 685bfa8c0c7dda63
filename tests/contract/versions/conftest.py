from __future__ import annotations

from pathlib import Path

import pytest
from tests.contract.versions.kit import Kit


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """An empty registry."""
    return Kit(tmp_path)

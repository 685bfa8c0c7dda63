from __future__ import annotations

import pytest

from sample_sources.data import SampleData, load


@pytest.fixture(scope="session")
def data() -> SampleData:
    """The whole data set, loaded once for the session."""
    return load()

"""The README's two pictures; `EVERGREEN_SCREENSHOTS=docs/pictures` writes them there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.slow
LARGEST = 200_000
"""Bytes that a picture in the repository may have."""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where the pictures go: a folder of the test's own unless one is asked for."""
    folder = Path(os.environ.get("EVERGREEN_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def save(page: Page | Locator, path: Path) -> None:
    page.screenshot(path=path, animations="disabled", caret="hide")
    assert path.stat().st_size < LARGEST


def test_a_picture_of_the_evergreen_page(web_ui: Page, pictures: Path) -> None:
    web_ui.set_viewport_size({"width": 1280, "height": 760})
    web_ui.get_by_role("link", name="Evergreen").click()
    web_ui.frame_locator("iframe").locator("[data-use-case=flights]").wait_for()
    save(web_ui, pictures / "evergreen-page.png")


def test_a_picture_of_the_asset_graph(web_ui: Page, pictures: Path) -> None:
    web_ui.set_viewport_size({"width": 2400, "height": 420})
    web_ui.get_by_role("link", name="Assets", exact=True).first.click()
    web_ui.get_by_role("link", name="flights.dataset", exact=True).click()
    graph = web_ui.locator(".react-flow")
    for name in ("ingest", "monitor", "train", "deploy", "score"):
        graph.get_by_role("link", name=f"flights · {name}").wait_for()
    web_ui.locator(".react-flow__controls-fitview").click()
    for part in (".react-flow__minimap", ".react-flow__controls", ".react-flow__panel"):
        web_ui.add_style_tag(content=f"{part} {{ display: none }}")
    web_ui.wait_for_timeout(1000)  # the graph glides to its place
    save(graph, pictures / "asset-graph.png")

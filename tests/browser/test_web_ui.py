"""What an owner of use cases sees and clicks in Airflow's web UI."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.conftest import VIEWER, Running

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

pytestmark = pytest.mark.slow


def open_page(web_ui: Page) -> FrameLocator:
    web_ui.get_by_role("link", name="Evergreen").click()
    frame = web_ui.frame_locator("iframe")
    frame.locator("[data-use-case=flights]").wait_for()
    return frame


def test_the_evergreen_page_shows_each_use_case(web_ui: Page, tmp_path: Path) -> None:
    said: list[str] = []
    web_ui.on("console", lambda message: said.append(message.text))
    frame = open_page(web_ui)
    flights = frame.locator("[data-use-case=flights]")
    text = flights.inner_text()
    for part in (
        "on hold",
        "flights@v12 · 35,452 rows · 36 in quarantine · as of 2013-03-13 02:00Z",
        "release 2 · model 2 (lightgbm) · trained on v6",
        "evergreen resume flights",
        "Skipped flights: held since flights@v12",
        "The last training was 1 day ago.",
        "passed model 3 against release 2",
    ):
        assert part in text
    flights.get_by_text("4 reasons").click()
    flights.get_by_text("the last training was 1 day ago, the cooldown is 3 days").wait_for()
    flights.get_by_text("last 4 activations").click()
    flights.get_by_text("the first release").wait_for()
    assert "use_case.yaml:2: task: unknown value" in frame.locator("[data-use-case=churn]").inner_text()
    web_ui.screenshot(path=tmp_path / "light.png")
    web_ui.evaluate("document.documentElement.classList.add('dark')")
    frame.locator("html.dark").wait_for()
    web_ui.screenshot(path=tmp_path / "dark.png")
    assert not [line for line in said if "Content Security Policy" in line or "/evergreen/" in line]


def test_links_lead_out_of_the_frame(web_ui: Page) -> None:
    frame = open_page(web_ui)
    with web_ui.context.expect_page() as opened:
        frame.locator("[data-use-case=flights]").get_by_role("link", name="Evidently").click()
    assert opened.value.get_by_text("drawn").inner_text() == "drawn"
    assert opened.value.evaluate("window.origin") == "null", "a report's script is nobody's origin"
    frame.locator("[data-use-case=flights]").get_by_role("link", name="ingest").click()
    web_ui.wait_for_url(re.compile(r"/dags/flights\.ingest"))


def test_the_search_finds_use_cases_by_name(web_ui: Page) -> None:
    frame = open_page(web_ui)
    frame.get_by_role("searchbox").fill("chu")
    frame.locator("[data-use-case=flights]").wait_for(state="detached")
    assert frame.locator("[data-use-case]").count() == 1


def test_the_rollback_form_says_what_its_parameters_mean(web_ui: Page, tmp_path: Path) -> None:
    web_ui.get_by_role("link", name="Dags", exact=True).first.click()
    for name in ("flights · ingest", "flights · monitor", "flights · train", "flights · deploy", "flights · score"):
        web_ui.get_by_role("link", name=name).first.wait_for()
    web_ui.get_by_role("link", name="rollback").first.click()
    web_ui.wait_for_url(re.compile("/dags/rollback"))
    web_ui.get_by_text("show_change").first.wait_for()  # the list's own buttons are gone now
    web_ui.locator("button", has_text="Trigger").click()
    form = web_ui.get_by_role("dialog")
    form.get_by_text("Dataset version").first.wait_for()
    web_ui.screenshot(path=tmp_path / "rollback.png")
    text = form.inner_text()
    for part in (
        *("Use case", "Whose data or release to restore"),
        *("Dataset version", "Go back to this version's data"),
        *("Release", "Go back to this release's model and service"),
        *("With the release, its data too", "Also go back to the dataset version"),
    ):
        assert part in text
    assert form.locator("button", has_text="Trigger").is_disabled(), "no use case is chosen beforehand"


def ask(url: str, body: object = None, token: str | None = None) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def test_a_viewer_sees_the_page_and_rolls_nothing_back(airflow: Running) -> None:
    status, answer = ask(f"{airflow.url}/auth/token", {"username": VIEWER, "password": VIEWER})
    assert status == 201
    token = answer["access_token"]
    status, page = ask(f"{airflow.url}/evergreen/api/state", token=token)
    assert (status, [card["name"] for card in page["cards"]]) == (200, ["churn", "flights"])
    assert ask(f"{airflow.url}/evergreen/api/state", {}, token)[0] == 405, "the page only shows"
    rollback = {"logical_date": None, "conf": {"use_case": "flights", "version": 1}}
    assert ask(f"{airflow.url}/api/v2/dags/rollback/dagRuns", rollback, token)[0] == 403


@pytest.mark.parametrize("path", ["/evergreen/", "/evergreen/api/state", "/evergreen/reports/flights/x.html"])
def test_promise_12_strangers_get_nothing(airflow: Running, path: str) -> None:
    status, answer = ask(airflow.url + path)
    assert status == 401
    assert "flights" not in json.dumps(answer)

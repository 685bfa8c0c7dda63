from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from evergreen.local import health
from evergreen.local.container import PARTS

ROOT = Path(__file__).resolve().parents[3]


def test_every_part_of_the_compose_file_asks_after_its_own_health():
    services = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())["services"]
    ours = {service["command"][0]: service for service in services.values() if "command" in service}
    assert set(ours) == set(PARTS)
    for part, service in ours.items():
        if part != "init":
            assert service["healthcheck"]["test"] == ["CMD", "python", "-m", "evergreen.local.health", part]
            assert part in health.BEATS or part in health.PAGES


def test_asking_loads_neither_the_command_line_nor_the_database():
    code = "import sys, evergreen.local.health; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT / "include"
    )
    assert not {"sqlalchemy", "pydantic", "structlog", "httpx", "evergreen.cli"} & set(loaded.stdout.split())


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False)])
def test_a_part_is_healthy_when_its_page_answers(monkeypatch: pytest.MonkeyPatch, status: int, expected: bool):
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        monkeypatch.setitem(health.PAGES, "service", f"http://127.0.0.1:{server.server_port}/healthz")
        assert health.healthy("service") is expected
    assert not health.healthy("service")

"""A supervisor of two small servers, run as a program: `supervised.py HOME PORT_ONE PORT_TWO`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from evergreen.errors import EvergreenError
from evergreen.local.postgres import Urls
from evergreen.local.probes import answers
from evergreen.local.process import Service
from evergreen.local.settings import LocalSettings
from evergreen.local.supervisor import run

# Answers every GET with 200; keeps a child, as a scheduler keeps its workers; dies at /die; breaks at once on a flag.
SERVER = """
import http.server, os, subprocess, sys
if os.path.exists(sys.argv[2]):
    print("a broken part: the reason"); sys.exit(3)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(7)
        self.send_response(200); self.end_headers(); self.wfile.write(str(child.pid).encode())
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def server(name: str, port: int, settings: LocalSettings, *needs: str) -> Service:
    return Service(
        name=name,
        command=(sys.executable, "-c", SERVER, str(port), str(settings.absolute_home / f"{name}.broken")),
        environment=dict(os.environ),
        ready=answers(f"http://127.0.0.1:{port}/"),
        needs=needs,
        url=f"http://127.0.0.1:{port}",
        port=port,
        port_setting=f"EVERGREEN_{name.upper()}_PORT",
    )


def main() -> int:
    home, one, two = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

    def listed(settings: LocalSettings, _: Urls) -> Sequence[Service]:
        once = Service("once", (sys.executable, "-c", "print(1)"), dict(os.environ), ready=None)
        return [once, server("one", one, settings, "once"), server("two", two, settings, "once")]

    try:
        return run(LocalSettings(home=home, samples=False), listed=listed)
    except EvergreenError as error:
        print(f"refused: {error}", flush=True)
        return 2


if __name__ == "__main__":
    sys.exit(main())

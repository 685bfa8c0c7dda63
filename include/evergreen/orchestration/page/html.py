"""The page as one HTML document: markup, style and script of this folder, nothing from anywhere else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


def document(nonce: str) -> tuple[str, dict[str, str]]:
    """The page and its headers: only its own style and script run, and it talks to nobody but this server."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return _template().replace("{{nonce}}", nonce), headers


@cache
def _template() -> str:
    page = (_HERE / "page.html").read_text(encoding="utf-8")
    for part in ("css", "js"):
        page = page.replace(f"{{{{{part}}}}}", (_HERE / f"page.{part}").read_text(encoding="utf-8"))
    return page


@cache
def icon() -> str:
    """The icon in Airflow's navigation, SVG."""
    return (_HERE / "icon.svg").read_text(encoding="utf-8")


REPORT_HEADERS = {
    # Evidently's report is script: it runs in an origin of its own, without the reader's cookie and without network.
    "Content-Security-Policy": "sandbox allow-scripts allow-downloads; "
    "default-src 'unsafe-inline' 'unsafe-eval' data: blob:",
    "Cache-Control": "private, max-age=3600",
    "X-Content-Type-Options": "nosniff",
}

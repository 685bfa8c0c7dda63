"""What the run's rules said: one self-contained page and the same as JSON; counts only, no values (decision 0006)."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from evergreen.quality.judge import RuleResult

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ddd}"
    "td.n{text-align:right}.ok{color:#176b37}.no{color:#a4161a}code{font-size:.9em}"
)


def write_docs(
    folder: Path, use_case: str, results: Sequence[RuleResult], rows: int, failed: int, data_time: datetime | None
) -> Path:
    """Write `quality.html` and `quality.json` to `folder`; the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    verdict = {
        "use_case": use_case,
        "data_time": data_time.isoformat() if data_time is not None else None,
        "rows": rows,
        "failed": failed,
        "rules": [
            {
                "expectation": result.rule.expectation,
                "arguments": result.rule.arguments,
                "held": result.held,
                "unexpected": len(result.unexpected),
                "quarantined": len(result.quarantined),
            }
            for result in results
        ],
    }
    (folder / "quality.json").write_text(json.dumps(verdict, indent=1, default=str) + "\n", encoding="utf-8")
    page = folder / "quality.html"
    page.write_text(_page(use_case, results, rows, failed, data_time), encoding="utf-8")
    return page


def _page(use_case: str, results: Sequence[RuleResult], rows: int, failed: int, data_time: datetime | None) -> str:
    when = f" at {data_time:%Y-%m-%d %H:%M} UTC" if data_time is not None else ""
    lines = "".join(_line(result, rows) for result in results)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Quality of {html.escape(use_case)}</title>'
        f"<style>{_STYLE}</style><h1>Quality of {html.escape(use_case)}{when}</h1>"
        f"<p>{rows:,} rows judged by Great Expectations, {failed:,} put in quarantine.</p>"
        "<table><tr><th>Rule</th><th>Arguments</th><th>Verdict</th><th>Unexpected rows</th><th>Share</th></tr>"
        f"{lines}</table></html>\n"
    )


def _line(result: RuleResult, rows: int) -> str:
    arguments = ", ".join(f"{name}: {value}" for name, value in result.rule.arguments.items())
    verdict = '<td class="ok">held</td>' if result.held else '<td class="no">broken</td>'
    count = f"{len(result.unexpected):,}" if result.by_row else ""
    share = f"{len(result.unexpected) / rows:.2%}" if result.by_row and rows else ""
    return (
        f"<tr><td><code>{html.escape(result.rule.expectation)}</code></td><td>{html.escape(arguments)}</td>"
        f'{verdict}<td class="n">{count}</td><td class="n">{share}</td></tr>'
    )

"""A small loop of two sources whose truth is known: orders, and two days later whether they came back.

Made up, from a seed: the fault tests need to know every row there should be.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2024, 1, 1, tzinfo=UTC)
NIGHTS = tuple(START + timedelta(days=day, hours=2) for day in (30, 31, 32))
HISTORY = NIGHTS[:2]
"""A cold start and a night like any other: what is killed in, and what is compared."""
ORDERS_A_DAY = 40

YAML = """\
name: toy
task: binary
key: [order_id]
event_time: ordered_at
predict: {at: ordered_at, lead: 0h}
target: {column: returned, expression: "status = 'returned'", positive: true, mature_after: 1d, never_after: 9d}
sources:
  orders:  {type: files, path: "{landing}/orders/*.csv", key: [order_id], available_at: {column: planned_at}}
  returns: {type: files, path: "{landing}/returns/*.ndjson.gz", key: [order_id], role: outcome,
            available_at: {column: known_at}}
prepare: {base: orders}
features:
  numeric: {columns: [price, weight], impute: median, scale: standard}
  categorical: {columns: [shop]}
training:
  split: {by: time, test: 7d}
  candidates: [logistic_regression]
  search: {trials: 1, workers: 1}
promotion: {min_rows: 50}
"""


@dataclass(frozen=True)
class Instance:
    """A fresh instance in a folder of its own: its home, its one use case, its landing folder."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def environment(self) -> dict[str, str]:
        root = Path(__file__).resolve().parents[2]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("EVERGREEN_", "AIRFLOW"))}
        return {
            **kept,
            "EVERGREEN_HOME": str(self.home),
            "EVERGREEN_USE_CASES": str(self.folder / "use_cases"),
            "EVERGREEN_PROFILE": "demo",
            "EVERGREEN_SERVICE_URL": "http://127.0.0.1:9",
            "PYTHONPATH": str(root / "include"),
            "OMP_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def set_up(self) -> None:
        use_case = self.folder / "use_cases" / "toy"
        use_case.mkdir(parents=True)
        (use_case / "use_case.yaml").write_text(YAML, encoding="utf-8")
        self.drop(NIGHTS[0])

    def drop(self, now: datetime) -> None:
        """All files that exist by `now`, whole and always the same."""
        day = START
        while day <= now:
            orders = _orders(day)
            _write_csv(self.home / "landing" / "orders" / f"{day:%Y-%m-%d}.csv", orders)
            if day + timedelta(days=2) <= now:
                _write_ndjson(self.home / "landing" / "returns" / f"{day:%Y-%m-%d}.ndjson.gz", _returns(day, orders))
            day += timedelta(days=1)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """`evergreen …` in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "evergreen", *arguments],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, timeout: float = 240) -> tuple[int, str]:
        process = self.start(*arguments)
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
        return process.returncode, said

    def state(self) -> dict[str, Any]:
        """The canonical state, without what was said beside it."""
        status, said = self.run("state", "--canonical")
        assert status == 0, said
        return dict(json.loads(said[said.index("{") :])["toy"])

    def postgres_pid(self) -> int | None:
        from evergreen.local.postgres import EmbeddedPostgres

        return EmbeddedPostgres(self.home).pid()

    def stop(self) -> None:
        """End its server at once; nothing of it is needed any more."""
        from evergreen.local.postgres import EmbeddedPostgres

        if (pid := self.postgres_pid()) is not None:
            os.kill(pid, signal.SIGQUIT)  # no checkpoint
        EmbeddedPostgres(self.home).stop()


def _orders(day: datetime) -> list[dict[str, Any]]:
    chance = random.Random(f"orders {day:%Y-%m-%d}")
    rows = []
    for number in range(ORDERS_A_DAY):
        rows.append({
            "order_id": f"{day:%Y%m%d}-{number:03}",
            "planned_at": (day - timedelta(hours=1)).isoformat(),
            "ordered_at": (day + timedelta(hours=8, minutes=number * 10)).isoformat(),
            "price": round(chance.uniform(5, 200), 2),
            "weight": round(chance.uniform(0.1, 9), 3),
            "shop": chance.choice(["north", "south", "web"]),
        })  # fmt: skip
    return rows


def _returns(day: datetime, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    chance = random.Random(f"returns {day:%Y-%m-%d}")
    known = (day + timedelta(days=2)).isoformat()
    return [
        {
            "order_id": order["order_id"],
            "known_at": known,
            "status": "returned" if chance.random() < (0.8 if order["price"] > 120 else 0.1) else "kept",
        }
        for order in orders
    ]


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _write_ndjson(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as file:
        file.write("".join(json.dumps(row) + "\n" for row in rows).encode())

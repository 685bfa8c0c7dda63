"""The prediction log: requests are answered first and stored a moment later, in batches, by a thread of its own."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import structlog

from evergreen.delivery.where import where
from evergreen.errors import TransientError
from evergreen.hashing import key_texts, row_hashes
from evergreen.predictions import COLUMNS
from evergreen.spec import UseCase
from evergreen.table import ROW, TIME, own_columns
from evergreen.tasks import task_that_said

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """The predictions of one release in one answered request. `rows` are anonymised and complete (after lookup)."""

    use_case: UseCase
    release: int
    model_version: int
    dataset_version: int | None
    data_time: datetime | None
    made_at: datetime
    ids: tuple[str, ...]
    rows: pl.DataFrame
    predicted: pl.DataFrame


class PredictionLog:
    """Keeps entries in memory until `write` has taken them.

    `write` stores rows of `predictions.COLUMNS` and raises TransientError when that may succeed later. At most
    `capacity` rows wait; what comes on top is dropped and counted, and serving goes on.
    """

    def __init__(
        self,
        write: Callable[[pl.DataFrame], object],
        *,
        features: bool = True,
        capacity: int = 50_000,
        interval: float = 0.25,
        retry: float = 2.0,
    ) -> None:
        self._write = write
        self._features = features
        self._capacity = capacity
        self._interval = interval
        self._retry = retry
        self._waiting: deque[Entry] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self.waiting = 0
        """Rows that are not stored yet."""
        self.dropped = 0
        """Rows that will never be stored."""
        self.stored = 0

    def start(self) -> None:
        """Start the writing thread."""
        self._thread = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._thread.start()

    def add(self, entry: Entry) -> None:
        """Take an entry, or drop and count it when too much is waiting. Never blocks on the database."""
        count = len(entry.ids)
        with self._lock:
            if self.waiting + count > self._capacity:
                self.dropped += count
                return
            self._waiting.append(entry)
            self.waiting += count

    def close(self, timeout: float = 10.0) -> None:
        """Store what is waiting, trying once, and stop; what could not be stored is counted as dropped."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout)
        with self._lock:
            self.dropped += self.waiting
            if self.waiting:
                _log.error("predictions_not_stored", rows=self.waiting)
            self.waiting = 0
            self._waiting.clear()

    def _run(self) -> None:
        pause = self._interval
        while True:
            last = self._closing.wait(pause)
            pause = self._interval if self._flush() else self._retry
            if last:
                return

    def _flush(self) -> bool:
        """Store all that waits; False when the store can't take it now, and it goes on waiting."""
        with self._lock:
            taken = list(self._waiting)
        if not taken:
            return True
        count = sum(len(entry.ids) for entry in taken)
        done = "stored"
        try:
            self._write(stored_rows(taken, features=self._features))
        except TransientError as error:
            _log.warning("predictions_wait", rows=count, reason=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - a batch that can't ever be stored must not stop the ones after it
            _log.error("predictions_dropped", rows=count, cause=where(error))
            done = "dropped"
        with self._lock:
            for _ in range(min(len(taken), len(self._waiting))):
                self._waiting.popleft()
            self.waiting = max(0, self.waiting - count)
            setattr(self, done, getattr(self, done) + count)
        return True


def stored_rows(entries: Sequence[Entry], *, features: bool) -> pl.DataFrame:
    """Entries as rows of the predictions store."""
    return pl.concat([_stored(entry, features=features) for entry in entries])


def _stored(entry: Entry, *, features: bool) -> pl.DataFrame:
    rows, use_case = entry.rows, entry.use_case
    own = [name for name in own_columns(rows.columns) if name != use_case.target.column]
    hashes = rows[ROW] if ROW in rows.columns else row_hashes(rows, own)
    at = use_case.at if use_case.at in rows.columns else None
    texts = [json.dumps(row, default=_text, ensure_ascii=False) for row in rows.select(own).iter_rows(named=True)]
    frame = (
        task_that_said(entry.predicted)
        .stored(entry.predicted)
        .with_columns(
            pl.Series("prediction_id", entry.ids),
            key_texts(rows, use_case.key),
            rows[at].cast(TIME).alias("at") if at else pl.lit(None, TIME).alias("at"),
            hashes.alias("features_hash"),
            pl.Series("features", texts if features else [None] * rows.height, dtype=pl.String),
            use_case=pl.lit(use_case.name),
            data_time=pl.lit(entry.data_time, TIME),
            made_at=pl.lit(entry.made_at, TIME),
            release=pl.lit(entry.release),
            model_version=pl.lit(entry.model_version),
            dataset_version=pl.lit(entry.dataset_version),
            kind=pl.lit("request"),
        )
    )
    return frame.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

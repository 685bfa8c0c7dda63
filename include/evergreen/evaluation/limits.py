"""Limits that the owner sets whatever the champion does: calibration, CPU time, size."""

from __future__ import annotations

import tempfile
import time
from math import isfinite
from pathlib import Path

import polars as pl

from evergreen.artifacts import Reason
from evergreen.evaluation.window import Window
from evergreen.features.predictor import Predictor
from evergreen.metrics.bootstrap import Resampling
from evergreen.metrics.probabilities import CALIBRATION_ERROR
from evergreen.spec import UseCase
from evergreen.spec.base import format_size

_LOT = 1000


def judge_calibration(window: Window, confidence: float, resampling: Resampling) -> list[Reason]:
    """The expected calibration error, less what chance adds to it, against `max_calibration_error`.

    Passes where it is within the limit; fails where it clearly is not (its lower bound at `confidence` lies above);
    between the two the window can't tell (None).
    """
    limit = window.use_case.promotion.max_calibration_error
    if limit is None:
        return []
    raw = resampling.estimate(CALIBRATION_ERROR, window.challenger)
    bias = resampling.bias(CALIBRATION_ERROR, window.challenger)
    if not isfinite(raw.error):
        text = "The window has too few blocks to judge the calibration."
        return [Reason(check="calibration", passed=None, text=text, limit=limit)]
    error = max(0.0, raw.value - bias)
    low = raw.bound(confidence, upper=False) - bias
    passed = True if error <= limit else False if low > limit else None
    verdict = " The excess may be chance." if passed is None else ""
    text = (
        f"Probabilities are off by {error:.4f} on average ({raw.value:.4f} with what chance adds); {limit:g} is "
        f"allowed.{verdict}"
    )
    return [Reason(check="calibration", passed=passed, text=text, value=error, limit=limit)]


def judge_cpu(use_case: UseCase, predictor: Predictor, rows: pl.DataFrame) -> list[Reason]:
    """CPU time of a thousand rows at once, after a warm-up, against `max_cpu`."""
    limit = use_case.promotion.max_cpu
    if limit is None or rows.is_empty():
        return []
    lot = pl.concat([rows] * -(-_LOT // rows.height))[:_LOT]
    predictor.predict(lot)
    began = time.process_time()
    predictor.predict(lot)
    seconds, most = time.process_time() - began, limit.total_seconds()
    text = f"A thousand rows take {seconds * 1000:.1f} ms of CPU time; {most * 1000:g} ms are allowed."
    return [Reason(check="cpu", passed=seconds <= most, text=text, value=seconds, limit=most)]


def judge_size(use_case: UseCase, predictor: Predictor) -> list[Reason]:
    """The bytes of the saved model against `max_size`."""
    limit = use_case.promotion.max_size
    if limit is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        predictor.save(Path(folder) / "model")
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    text = f"The saved model has {size / 1e6:.3g} MB; {format_size(limit)} are allowed."
    return [Reason(check="size", passed=size <= limit, text=text, value=float(size), limit=float(limit))]

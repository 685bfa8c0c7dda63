"""The gate: the recorded decision whether a challenger may ship, with its reasons.

Verdict: `fail` where any check failed; else `not_enough_evidence` where the window is too small, or the gain or a limit
of calibration can't be told; else `pass`. Slices and groups that can't be judged for lack of rows are recorded and
don't decide.
"""

from __future__ import annotations

from typing import Literal

from evergreen.artifacts import GateDecision, Reason, Snapshot
from evergreen.evaluation.behaviour import judge_behaviour
from evergreen.evaluation.fairness import judge_fairness
from evergreen.evaluation.gain import all_metrics, confidence_after, judge_gain
from evergreen.evaluation.latency import Timer, judge_latency, median_seconds
from evergreen.evaluation.limits import judge_calibration, judge_cpu, judge_size
from evergreen.evaluation.season import judge_season
from evergreen.evaluation.window import see, window_rows
from evergreen.evaluation.worse_slices import judge_slices
from evergreen.features.predictor import Predictor
from evergreen.metrics.bootstrap import Resampling
from evergreen.spec import UseCase


def gate(
    use_case: UseCase,
    *,
    model_version: int,
    dataset_version: int,
    snapshot: Snapshot,
    challenger: Predictor,
    rival: Predictor,
    against: str,
    window_uses: int,
    seed: int,
    seasonal: Predictor | None = None,
    remark: str | None = None,
    latency: Timer = median_seconds,
) -> GateDecision:
    """Judge `challenger` against `rival` on the snapshot's gate window.

    The rival is the champion, or where there is none the plain baseline; `against` is what it is called, e.g. `release
    3`. `seasonal`: a baseline that a first challenger has to be better than, too. `remark`: what is to be said of the
    champion, say why it can't be the rival. None of the models may have learned from the window (with `refit: true`
    their twins have not). `window_uses` counts how often this window has judged a challenger before, and each use
    spends a part of the error allowed. The same input and seed give the same decision, but for the measured latency.

    Raises FileChanged, and WrongColumns where a model needs columns that the window lacks.
    """
    rows = window_rows(snapshot)
    promotion = use_case.promotion
    confidence = confidence_after(promotion.confidence, window_uses)
    reasons = [_enough(rows.height, promotion.min_rows)]
    if remark is not None:
        reasons.append(Reason(check="champion", passed=None, text=remark))
    metrics: dict[str, float] = {"rows": float(rows.height)}
    if rows.height:
        window = see(use_case, rows, challenger, rival)
        resampling = Resampling.of(window.blocks, window.number, seed)
        gain = judge_gain(window, confidence, resampling)
        metrics = all_metrics(window, promotion.confidence, gain, resampling)
        reasons += [gain.reason, *judge_season(window, challenger.positive, seasonal)]
        # a window's reuse asks for a surer gain; it must not make it harder to see a slice get worse
        reasons += [*judge_slices(window, promotion.confidence, seed), *judge_fairness(window)]
        reasons += [*judge_calibration(window, promotion.confidence, resampling)]
        reasons += [*judge_latency(use_case, challenger, rows, latency), *judge_cpu(use_case, challenger, rows)]
        reasons += [*judge_size(use_case, challenger), *judge_behaviour(use_case, challenger, rows, seed)]
    if window_uses:
        reasons.append(_reused(window_uses, promotion.confidence, confidence))
    measured = ("latency", "cpu", "size", "calibration")
    metrics |= {found.check: found.value for found in reasons if found.check in measured and found.value is not None}
    return GateDecision(
        use_case=use_case.name,
        verdict=_verdict(reasons),
        model_version=model_version,
        against=against,
        dataset_version=dataset_version,
        window=(snapshot.window_start, snapshot.window_end)
        if snapshot.window_start is not None and snapshot.window_end is not None
        else None,
        window_uses=window_uses,
        metrics=metrics,
        reasons=tuple(reasons),
    )


def _verdict(reasons: list[Reason]) -> Literal["pass", "fail", "not_enough_evidence"]:
    if any(reason.passed is False for reason in reasons):
        return "fail"
    said = {reason.check: reason.passed for reason in reasons}
    enough = said.get("rows") and said.get("gain") and said.get("calibration", True)
    return "pass" if enough else "not_enough_evidence"


def _enough(rows: int, least: int) -> Reason:
    text = f"The gate window has {rows:,} label-mature rows; {least:,} are needed."
    return Reason(
        check="rows", passed=True if rows >= least else None, text=text, value=float(rows), limit=float(least)
    )


def _reused(uses: int, said: float, asked: float) -> Reason:
    text = (
        f"This window has judged {uses} challenger{'' if uses == 1 else 's'} before, so {asked:.3%} confidence is "
        f"needed instead of {said:.3%}."
    )
    return Reason(check="window_reuse", passed=None, text=text, value=float(uses))

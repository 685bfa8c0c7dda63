"""The model card: what a challenger is, what it was trained on, how it did and why it may (not) ship."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evergreen.artifacts import GateDecision, Snapshot
from evergreen.evaluation.card_parts import fitness_text, learned_from, parts_tables
from evergreen.evaluation.fitness import fitness
from evergreen.evaluation.importance import importance
from evergreen.evaluation.parts import by_time
from evergreen.evaluation.plots import Captions, draw_all
from evergreen.evaluation.window import see, window_rows
from evergreen.features.predictor import Predictor
from evergreen.features.readable import rules_of
from evergreen.metrics.registry import metrics_of
from evergreen.spec import UseCase

CARD = "model_card.md"
_MARK = {True: "yes", False: "**no**", None: "could not be judged"}
_VERDICT = {"pass": "may ship", "fail": "may not ship", "not_enough_evidence": "not enough evidence to ship"}


def model_card(
    use_case: UseCase,
    *,
    decision: GateDecision,
    snapshot: Snapshot,
    challenger: Predictor,
    champion: Predictor,
    candidate: str,
    params: Mapping[str, Any],
    cv_score: float | None,
    seed: int,
    into: Path,
) -> str:
    """Write `model_card.md` and its pictures into `into`, ready to be kept with the model's run; returns the text.

    `challenger` and `champion` (or the baseline) are the models that went before the gate. Raises FileChanged.
    """
    rows = window_rows(snapshot)
    into.mkdir(parents=True, exist_ok=True)
    found: list[tuple[str, float]] = []
    pictures: list[Path] = []
    looked: list[str] = []
    if rows.height:
        found = importance(use_case, challenger, rows, seed)
        window = see(use_case, rows, challenger, champion)
        periods = by_time(window)
        said = Captions(use_case.metric, decision.against, challenger.threshold)
        pictures = draw_all(window.challenger, found, periods, said, into)
        trained = learned_from(use_case, challenger, snapshot, seed)
        looked.append(fitness_text(fitness(window, trained, seed, cv_score), use_case))
        looked.append(parts_tables(window, periods, decision.against))
    parts = [
        _head(use_case, decision),
        _what(use_case, challenger, candidate, params, seed),
        _rules(use_case, challenger),
        _data(snapshot, decision),
        _results(use_case, decision, cv_score),
        *looked,
        _reasons(decision),
        _columns(challenger, found, use_case.metric),
        "\n".join(f"![{path.stem}]({path.name})" for path in pictures),
    ]
    text = "\n\n".join(part for part in parts if part) + "\n"
    (into / CARD).write_text(text, encoding="utf-8")
    return text


def _head(use_case: UseCase, decision: GateDecision) -> str:
    owner = f" Owner: {use_case.owner}." if use_case.owner else ""
    verdict = _VERDICT[decision.verdict]
    return f"# {use_case.name}, model {decision.model_version}: {verdict}\n\n{use_case.title or use_case.name}.{owner}"


def _what(use_case: UseCase, challenger: Predictor, candidate: str, params: Mapping[str, Any], seed: int) -> str:
    said = ", ".join(
        f"{name} {value:.6g}" if isinstance(value, float) else f"{name} {value}" for name, value in params.items()
    )
    classes = f" Classes: {', '.join(map(str, challenger.classes[:20]))}." if challenger.classes else ""
    return (
        f"## What it is\n\nA {use_case.task} model of `{use_case.target.column}`: {candidate} "
        f"({said or 'no parameters'}), seed {seed}, from {len(challenger.schema)} columns.{classes}"
    )


def _rules(use_case: UseCase, challenger: Predictor) -> str:
    rules = rules_of(challenger, use_case.target.column)
    if not rules:
        return ""
    return "## Its rules\n\n" + "\n".join(f"{number}. {rule}" for number, rule in enumerate(rules, 1))


def _data(snapshot: Snapshot, decision: GateDecision) -> str:
    window = ""
    if snapshot.window_start is not None and snapshot.window_end is not None:
        window = (
            f" ({snapshot.window_start:%Y-%m-%d %H:%M} to {snapshot.window_end:%Y-%m-%d %H:%M}; what was learned from "
            "was labelled before it)"
        )
    counts = ", ".join(f"{name} {count}" for name, count in snapshot.counts.items())
    return (
        f"## Data\n\nDataset version {decision.dataset_version}, as of {snapshot.as_of:%Y-%m-%d %H:%M} UTC: "
        f"{snapshot.train_rows} rows to learn from, {snapshot.window_rows} in the gate window{window}. Rows: {counts}."
    )


def _results(use_case: UseCase, decision: GateDecision, cv_score: float | None) -> str:
    if "difference" not in decision.metrics:
        return ""
    sure = f"{100 * use_case.promotion.confidence:.4g}%"
    lines = [
        f"## Results on the gate window\n\nWith {sure} intervals; a gain is positive where it is better.\n",
        f"| metric | this model | {decision.against} | gain |\n|---|---|---|---|",
    ]
    for metric in metrics_of(use_case):
        cells = [_cell(decision.metrics, who, metric.name) for who in ("challenger", "champion", "gain")]
        lines.append(f"| {metric.name} | {' | '.join(cells)} |")
    if cv_score is not None:
        lines.append(f"\nIn the search its mean {use_case.metric} over the folds was {cv_score:.5g}.")
    return "\n".join(lines)


def _cell(metrics: Mapping[str, float], who: str, name: str) -> str:
    value = metrics.get(f"{who}_{name}")
    if value is None:
        return "not told"
    low, high = metrics.get(f"{who}_{name}_low"), metrics.get(f"{who}_{name}_high")
    return f"{value:.5g}" if low is None or high is None else f"{value:.5g} ({low:.5g} to {high:.5g})"


def _reasons(decision: GateDecision) -> str:
    lines = [f"## The gate, against {decision.against}\n\n| check | passed | reason |", "|---|---|---|"]
    for reason in decision.reasons:
        text = reason.text.replace("|", "\\|")
        lines.append(f"| {reason.check} | {_MARK[reason.passed]} | {text} |")
    return "\n".join(lines)


def _columns(challenger: Predictor, found: list[tuple[str, float]], metric: str) -> str:
    if not challenger.schema:
        return ""
    weights = dict(found)
    order = sorted(challenger.schema, key=lambda column: -weights.get(column.name, 0.0))
    lines = [f"## Columns\n\n| column | type | may be missing | loss of {metric} when shuffled |", "|---|---|---|---|"]
    for column in order:
        weight = f"{weights[column.name]:+.4g}" if column.name in weights else ""
        lines.append(f"| {column.name} | {column.type} | {'yes' if column.nullable else 'no'} | {weight} |")
    return "\n".join(lines)

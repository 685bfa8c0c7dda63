"""What came out of a fit, for a person and for a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import isfinite, nan
from typing import Any

from evergreen.artifacts import JsonObject
from evergreen.errors import bounded
from evergreen.tabular.winner_score import Score

FORMAT = 1


@dataclass(frozen=True)
class Report:
    """`by_candidate`: each family's best score in the search; `dropped`: columns left out, each with its reason;
    `overhead`: the share of all workers' wall time that went into neither a trial nor a final fit; the start of their
    processes is part of it.
    """

    data: str
    target: str
    task: str
    why_task: str
    metric: str
    positive: Any
    candidate: str
    params: JsonObject
    shipped: str
    score: Score
    by_candidate: dict[str, float]
    trials: int
    failed: int
    rows: int
    unlabelled: int
    columns: int
    dropped: dict[str, str]
    rules: tuple[str, ...]
    """Of a rule list: its rules."""
    notes: tuple[str, ...]
    seed: int
    seconds: float
    overhead: float
    stopped: bool
    versions: dict[str, str]
    trained: float = nan
    """The metric on (some of) the rows that the winner learned from."""

    def to_json(self) -> JsonObject:
        """As written in `report.json`."""
        return {"format": FORMAT, **_finite(asdict(self)), "beats_baseline": self.score.beats}

    def lines(self, folder: str) -> Iterator[str]:
        """The short report a person reads at the end."""
        score = self.score
        yield f"task        {self.task} of `{self.target}`{f' ({self.why_task})' if self.why_task else ''}"
        if self.positive is not None:
            yield f"probability is that of `{self.positive}`"
        yield f"winner      {self.candidate} ({_said(self.params)})"
        value = _interval(score.value, score.low, score.high)
        on = f"on {score.rows} rows, each not learned from when it was predicted"
        yield f"score       {score.metric} {value} {on if score.rows else 'in the mean over the folds'}"
        yield f"baseline    {score.metric} {score.baseline:.5g}; {self.verdict()}"
        if self.gap():
            yield f"own rows    {self.gap()}"
        yield f"learned     from {self.rows} rows and {self.columns} columns" + (
            f"; {self.unlabelled} rows without a target were left out" if self.unlabelled else ""
        )
        if self.dropped:
            yield f"left out    {_reasons(self.dropped)}"
        for note in self.notes[:10]:
            yield f"note        {note}"
        failed = f", {self.failed} without a result" if self.failed else ""
        stopped = "; stopped by hand, this is the best so far" if self.stopped else ""
        yield f"took        {self.seconds:.1f} s, {self.trials} trials finished{failed}{stopped}"
        yield f"saved       {folder}"

    def verdict(self) -> str:
        """Winner against baseline in words."""
        score = self.score
        if not score.rows:
            return "not compared, since the winner's predictions in the folds were not kept"
        if score.beats is False:
            return "nothing beats it: the columns say nothing of the target, and the baseline is what is saved"
        gain = f"better by {_interval(score.gain, score.gain_low, score.gain_high)}"
        return gain if score.beats else f"{gain}: that may be chance; more rows would tell"

    def gap(self) -> str:
        """The rows that were learned from beside others, in words; empty where that is not known."""
        score = self.score
        if not (isfinite(self.trained) and isfinite(score.low)):
            return ""
        said = f"{score.metric} {self.trained:.5g} on rows it learned from: "
        if score.low <= self.trained <= score.high:
            return f"{said}no gap that could not be chance"
        if (self.trained > score.high) == score.higher_is_better:
            return f"{said}it knows them better than new ones, so expect the score above"
        return f"{said}no better than on others"

    def markdown(self) -> str:
        """The model card."""
        score = self.score
        why = f" Task: {self.why_task}." if self.why_task else ""
        rows = (
            f"# A {self.task} model of `{self.target}`\n\nFrom `{self.data}`: {self.rows} rows with a target "
            f"({self.unlabelled} without), {self.columns} columns.{why}"
        )
        what = (
            f"## What it is\n\n{self.shipped}: {_said(self.params)}; seed {self.seed}. {self.trials} trials finished, "
            f"{self.failed} without a result, {self.seconds:.1f} s."
        )
        others = "\n".join(f"| {name} | {mine:.5g} | {plain:.5g} |" for name, (mine, plain) in score.others.items())
        results = (
            f"## Results on {score.rows} rows, each not learned from when it was predicted\n\n"
            f"{self.verdict().capitalize()}.\n\n| metric | this model | baseline |\n|---|---|---|\n"
            f"| **{score.metric}** | {_interval(score.value, score.low, score.high)} | {score.baseline:.5g} |\n{others}"
        )
        if self.gap():
            results += f"\n\nRows it learned from: {self.gap()}."
        best = "\n".join(f"| {name} | {value:.5g} |" for name, value in self.by_candidate.items())
        parts = [rows, what, results, f"## Candidates\n\n| candidate | best mean over folds |\n|---|---|\n{best}"]
        if self.rules:
            parts.append(
                "## Its rules\n\n" + "\n".join(f"{number}. {rule}" for number, rule in enumerate(self.rules, 1))
            )
        if self.dropped:
            left = "\n".join(f"| `{name}` | {reason} |" for name, reason in self.dropped.items())
            parts.append(f"## Columns left out\n\n| column | why |\n|---|---|\n{left}")
        if self.notes:
            parts.append("## Notes\n\n" + "\n".join(f"- {note}" for note in self.notes))
        parts.append("Made with " + ", ".join(f"{name} {version}" for name, version in self.versions.items()) + ".")
        return "\n\n".join(parts) + "\n"


def _said(params: JsonObject) -> str:
    """The parameters in words: of a mix its members' shares. What was done about probabilities is in the notes."""
    if "members" in params:
        return " + ".join(f"{one['weight']:.2g} {one['candidate']}" for one in params["members"])
    shown = {name: value for name, value in params.items() if not name.startswith("_")}
    said = (f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in shown.items())
    return ", ".join(said) or "no parameters"


def _finite(said: Any) -> Any:
    """JSON has no word for what is no number."""
    if isinstance(said, dict):
        return {key: _finite(value) for key, value in said.items()}
    return None if isinstance(said, float) and not isfinite(said) else said


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:.5g} ({low:.5g} to {high:.5g})" if isfinite(low) and isfinite(high) else f"{value:.5g}"


def _reasons(dropped: dict[str, str]) -> str:
    by_reason: dict[str, list[str]] = {}
    for name, why in dropped.items():
        by_reason.setdefault(why, []).append(f"`{name}`")
    return "; ".join(f"{bounded(names)} ({why})" for why, names in by_reason.items())

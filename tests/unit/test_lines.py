"""The one line of a decision, which every door says; ledgers from before read well too."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from tests.unit.retraining.kit import AS_OF, facts, use_case

from evergreen.artifacts import GateDecision, Reason, RetrainDecision, told
from evergreen.errors import sentence
from evergreen.retraining import decide

COLD: dict[str, Any] = {"release": None, "labelled_at_training": None, "trained_at": None, "tried_at": None}


def test_a_first_training_is_said_in_a_sentence() -> None:
    decision = decide(use_case(), facts(**COLD, labelled=5823, expected_cost=None), as_of=AS_OF)
    assert decision.line == "Retrain: yes. There is no release yet, and 5,823 labelled rows are enough (400 needed)."


def test_what_did_not_decide_is_not_in_the_line() -> None:
    assert decide(use_case(), facts(), as_of=AS_OF).line == "Retrain: no. Nothing asks for it."
    few = decide(use_case(), facts(**COLD, labelled=399, expected_cost=None), as_of=AS_OF)
    assert few.line == (
        "Retrain: no. 399 labelled rows are too few. 400 are needed to learn and to judge (twice `promotion.min_rows`)."
    )


@pytest.mark.parametrize("retrain", [True, False])
def test_the_decision_of_an_older_ledger_reads_as_one_of_today(*, retrain: bool) -> None:
    before = f"{'' if retrain else 'not '}retrained, since there is no release yet: a first model is wanted"
    decision = RetrainDecision(
        use_case="flights", retrain=retrain, dataset_version=1, data_time=AS_OF, release=None,
        reasons=(Reason(check="decision", passed=retrain, text=before),),
    )  # fmt: skip
    answer = "yes" if retrain else "no"
    assert decision.line == f"Retrain: {answer}. There is no release yet: a first model is wanted."


GAIN = Reason(check="gain", passed=None, text="roc_auc 0.7 against 0.7: too uncertain to tell")
FEW = Reason(check="rows", passed=None, text="The gate window has 12 label-mature rows; 200 are needed.")
SLOW = Reason(check="latency", passed=False, text="One row takes 9 ms at the median; 5 ms are allowed.")
SMALL = Reason(check="slices:group", passed=None, text="No value of `group` has enough rows to be judged.")


@pytest.mark.parametrize(
    ("verdict", "against", "reasons", "line"),
    [
        ("pass", "release 3", (FEW, GAIN, SMALL), "Gate: passed against release 3. roc_auc 0.7 against 0.7: too unc"),
        ("fail", "baseline", (FEW, SLOW, SMALL), f"Gate: failed against the baseline. {SLOW.text}"),
        ("not_enough_evidence", "release 3", (SMALL, FEW), f"Gate: not enough evidence against release 3. {FEW.text}"),
    ],
)
def test_the_gates_line_says_the_verdict_and_what_decided_it(
    verdict: Literal["pass", "fail", "not_enough_evidence"], against: str, reasons: tuple[Reason, ...], line: str
) -> None:
    gate = GateDecision(
        use_case="flights", verdict=verdict, model_version=4, against=against, dataset_version=9, window=None,
        window_uses=0, reasons=reasons,
    )  # fmt: skip
    assert gate.line.startswith(line)
    assert gate.line.endswith(".")
    assert "No value of" not in gate.line


def test_reasons_beyond_the_second_are_counted() -> None:
    assert told([SLOW, FEW, SMALL]) == f"{SLOW.text} {FEW.text} 1 more reason stands in the details."
    assert told([SLOW, FEW]) == f"{SLOW.text} {FEW.text}"


def test_a_clause_becomes_a_sentence_and_a_name_keeps_its_letters() -> None:
    assert sentence("nothing asks for it") == "Nothing asks for it."
    assert sentence("log_loss is 0.2") == "log_loss is 0.2."
    assert sentence("`temp` has drifted.") == "`temp` has drifted."
    assert sentence("Is it fast enough?") == "Is it fast enough?"

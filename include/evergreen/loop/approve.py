"""A person's answer to a gate that waits for one. The first answer is kept."""

from __future__ import annotations

from datetime import datetime

from evergreen.artifacts import ModelVersion
from evergreen.errors import PermanentError
from evergreen.ledger.items import add_item
from evergreen.ledger.records import gates, note_answer
from evergreen.ledger.runs import answered
from evergreen.loop.acts import act
from evergreen.loop.instance import Instance
from evergreen.loop.run import Who


def open_deployment(instance: Instance, model: ModelVersion, as_of: datetime) -> None:
    """Let the deployment ship this model."""
    with instance.ledger() as db:
        payload = {"model": model.model_dump(mode="json")}
        add_item(db, model.use_case, "deploy", f"model {model.version}", as_of, payload)


def answer(instance: Instance, model: ModelVersion, as_of: datetime, *, approved: bool, who: Who, run_id: str) -> bool:
    """Ship the model or not: the answer that counts, which is the first that was given."""
    wanted = f"model {model.version} {'approved' if approved else 'refused'}"
    with act(instance, model.use_case, "approve", run_id, who, wanted, {"approved": approved}):
        with instance.ledger() as db:
            kept = note_answer(db, model.use_case, model.version, approved=approved)
            answered(db, model.use_case, model.version)
        if kept:
            open_deployment(instance, model, as_of)
    return kept


def approve(instance: Instance, name: str, model_version: int, *, approved: bool, who: Who, run_id: str) -> None:
    """Answer a gate by hand. Raises PermanentError when it has not passed, or another answer came first."""
    with instance.ledger() as db:
        judged = [(moment, gate) for moment, gate in gates(db, name) if gate.model_version == model_version]
    if not judged or judged[0][1].verdict != "pass":
        raise PermanentError(
            f"{name}: model {model_version} has not passed a gate; there is nothing to approve. "
            f"`evergreen state {name}` shows what is open."
        )
    model = instance.models.get(name, model_version)
    kept = answer(instance, model, judged[0][0], approved=approved, who=who, run_id=run_id)
    if kept != approved:
        raise PermanentError(
            f"{name}: model {model_version} was {'approved' if kept else 'refused'} before, and the first answer "
            "holds; train again, or roll back what it shipped"
        )

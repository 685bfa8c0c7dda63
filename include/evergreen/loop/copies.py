"""The second copy of each version: made once it is published, and made up for where the remote did not answer."""

from __future__ import annotations

from evergreen.artifacts import DatasetVersion
from evergreen.errors import EvergreenError
from evergreen.ledger.alerts import Alert
from evergreen.ledger.records import copied, record_copy
from evergreen.loop.alerts import raise_alert
from evergreen.loop.instance import Instance


def copy_versions(instance: Instance, name: str) -> bool:
    """Give every version of a use case its second copy, oldest first; whether all have one now.

    A remote that fails is an alert, each time a version joins those that wait, and no error: the versions are there,
    and who scores them need not wait for their copies. The next publish, rollback and upkeep try again. Raises
    LedgerUnavailable.
    """
    with instance.ledger() as db:
        done = copied(db, name)
    waiting = [version for version in instance.registry.history(name) if version.number not in done]
    for place, version in enumerate(waiting):
        try:
            instance.registry.push(version)
        except EvergreenError as error:
            raise_alert(instance, _uncopied(waiting[place:], error))
            return False
        with instance.ledger() as db:
            record_copy(db, version)
    return True


def _uncopied(waiting: list[DatasetVersion], error: EvergreenError) -> Alert:
    newest = waiting[-1]
    which = f"{waiting[0].name} to v{newest.number} have" if len(waiting) > 1 else f"{newest.name} has"
    text = (
        f"{which} no second copy yet: {error} It is tried again with the next version and in the weekly upkeep; until "
        "then this machine's disk has the only one."
    )
    return Alert(newest.use_case, "copy", newest.name, text, newest.data_time)

"""What changes in the fleet as the clock moves: each UTC day a few captains change and a few seat counts are corrected.

A change depends on the seed and its day alone, never on how the clock got there: seven days at once and seven single
days bring the same fleet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sample_sources.chance import number
from sample_sources.people import captain
from sample_sources.times import FIRST_MOMENT

CAPTAINS_A_DAY = 5
SEATS_A_DAY = 3
_BEFORE_THE_DATA = timedelta(days=30)
_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class PlaneChange:
    """New values of one plane at one moment; None: as it was."""

    tail_number: str
    at: datetime
    captain_name: str | None = None
    captain_email: str | None = None
    seats: int | None = None


def first_update(seed: int, key: str) -> datetime:
    """When a row was last touched before the data begin: some moment of December 2012."""
    moment = number(seed, "first update", key) % int(_BEFORE_THE_DATA.total_seconds())
    return FIRST_MOMENT - _BEFORE_THE_DATA + timedelta(seconds=moment)


def changes_between(seed: int, seats: Mapping[str, int], after: datetime, until: datetime) -> list[PlaneChange]:
    """All changes at a moment in (after, until], in order of time. `seats` maps each tail number to its first count."""
    fleet = sorted(seats)
    first = max(after, FIRST_MOMENT).date()
    days = [first + timedelta(days=n) for n in range((until.date() - first).days + 1)]
    changes = [change for day in days for change in _changes_of(seed, day, fleet, seats) if after < change.at <= until]
    return sorted(changes, key=lambda change: change.at)


def newest_values(changes: Iterable[PlaneChange]) -> list[PlaneChange]:
    """Fold changes in order of time into one a plane: the newest value of each field, the newest moment."""
    folded: dict[str, PlaneChange] = {}
    for change in changes:
        before = folded.get(change.tail_number, change)
        folded[change.tail_number] = replace(
            change,
            captain_name=change.captain_name or before.captain_name,
            captain_email=change.captain_email or before.captain_email,
            seats=change.seats or before.seats,
        )
    return list(folded.values())


def _changes_of(seed: int, day: date, fleet: Sequence[str], seats: Mapping[str, int]) -> list[PlaneChange]:
    """The changes of one UTC day, in no order."""
    changes = []
    for turn in range(CAPTAINS_A_DAY + SEATS_A_DAY):
        tail_number = fleet[number(seed, day, turn, "plane") % len(fleet)]
        seconds = number(seed, day, turn, "moment") % _DAY
        at = datetime.combine(day, time(), tzinfo=UTC) + timedelta(seconds=seconds)
        if turn < CAPTAINS_A_DAY:
            name, email = captain(tail_number, str(day))
            changes.append(PlaneChange(tail_number, at, captain_name=name, captain_email=email))
        else:
            step = 1 + number(seed, day, turn, "step") % 6
            first = seats[tail_number]
            fewer = first > step and number(seed, day, turn, "sign") % 2
            changes.append(PlaneChange(tail_number, at, seats=first - step if fewer else first + step))
    return changes

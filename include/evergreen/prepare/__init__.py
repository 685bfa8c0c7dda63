"""Join, cast and derive the sources into one table: rows come together by time and key, and none knows its future."""

from .columns import column_problems, table_columns
from .cutoff import cutoffs
from .lookup import Lookup, lookup
from .table import Prepared, prepare
from .totals import totals

__all__ = ["Lookup", "Prepared", "column_problems", "cutoffs", "lookup", "prepare", "table_columns", "totals"]

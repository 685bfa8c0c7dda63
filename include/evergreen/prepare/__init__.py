"""Join, cast and derive the sources into one table: rows come together by time and key, and none knows its future."""

from evergreen.prepare.columns import column_problems, table_columns
from evergreen.prepare.cutoff import cutoffs
from evergreen.prepare.lookup import Lookup, lookup
from evergreen.prepare.table import Prepared, prepare
from evergreen.prepare.totals import totals

__all__ = ["Lookup", "Prepared", "column_problems", "cutoffs", "lookup", "prepare", "table_columns", "totals"]

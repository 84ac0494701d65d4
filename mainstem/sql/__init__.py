"""Views as SQL: one statement a view, built as a tree, for DuckDB, Trino (Athena) and Spark."""

from mainstem.sql._cells import MANY, SAID, cells, cells_of
from mainstem.sql._query import select
from mainstem.sql._typed import from_raw, names_of

__all__ = ["MANY", "SAID", "cells", "cells_of", "from_raw", "names_of", "select"]

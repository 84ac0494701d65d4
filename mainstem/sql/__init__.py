"""Views as SQL: one statement a view, built as a tree, for DuckDB, Trino (Athena) and Spark."""

from mainstem.sql._query import select

__all__ = ["select"]

"""SQL for the demo: a view's statement in every dialect, and how one column of it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mainstem import View

DIALECTS: Mapping[str, str] = {"duckdb": "DuckDB", "trino": "Trino", "spark": "Spark"}


def statements(view: type[View]) -> dict[str, str]:
    """The statement of a view in every dialect."""
    from mainstem.sql import select

    return {dialect: select(view, dialect) for dialect in DIALECTS}


def expression(statement: str, dialect: str, column: str, *, pretty: bool) -> str:
    """How one column is computed, cut out of the statement."""
    import sqlglot
    from sqlglot import exp

    named = sqlglot.parse_one(statement, dialect=dialect).find_all(exp.Alias)
    computed = (
        one for one in named if one.alias == column and not isinstance(one.this, exp.Column)
    )
    return next(computed).sql(dialect, pretty=pretty)

"""Heads: how far each aggregate is, in SQL.

Several files tell of it, each of what some steps have added; an aggregate's head is what all say.
"""

from __future__ import annotations

from mainstem.discovery import Domain

PLACE = """ "sequence" || lpad(CAST("index" AS VARCHAR), 6, '0') """  # of a fact on the feed
NONE = """SELECT '' AS tenant, '' AS id, 0 AS "count", 0 AS "version", '' AS place,
    DATE '1970-01-01' AS first_day, DATE '1970-01-01' AS last_day WHERE false"""


def added(domain: Domain, events: str, day: str) -> str:
    """What these events add to the heads before them."""
    place = "NULL" if domain.decided else f"max({PLACE})"
    return f"""SELECT tenant, id, count(*) AS "count", max("version") AS "version",
        CAST({place} AS VARCHAR) AS place, min({day}) AS first_day, max({day}) AS last_day
        FROM {events} GROUP BY ALL"""


def together(domain: Domain, said: str) -> str:
    """One row for each aggregate, of all that is said of it."""
    version = 'max("version")' if domain.decided else 'CAST(sum("count") AS BIGINT)'
    return f"""SELECT tenant, id, CAST(sum("count") AS BIGINT) AS "count", {version} AS "version",
        CAST(max(place) AS VARCHAR) AS place, min(first_day) AS first_day,
        max(last_day) AS last_day FROM ({said}) GROUP BY ALL"""

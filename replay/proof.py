"""Proof: whether an aggregate's events are exactly 1..n. Density is the proof of completeness."""

from __future__ import annotations

from mainstem._state import State
from mainstem.sql import MANY, SAID, cells

# A set of numbers from 1 to the highest without a hole has one count and one sum of hashes.
PROVED = """
WITH found AS ({cells}), wanted AS (
    SELECT n, sum(CAST(hash(n) AS HUGEINT)) OVER (ORDER BY n) AS said
    FROM (SELECT unnest(range(1, (SELECT max("version") FROM found) + 1)) AS n)
)
SELECT found.*, {many} AS many, "version" AS high, '0' AS sequence, 0 AS "index",
    ({many} = "version" AND {said} = wanted.said) AS whole
FROM found JOIN wanted ON n = "version"
"""
ENDS = """
WITH counted AS (
    SELECT tenant, id, count(*) AS many, max("version") AS high, min("version") AS low,
        sum(CAST(hash("version") AS HUGEINT)) AS said{position}
    FROM {events} GROUP BY tenant, id
), wanted AS (
    SELECT n, sum(CAST(hash(n) AS HUGEINT)) OVER (ORDER BY n) AS said
    FROM (SELECT unnest(range(1, (SELECT max(high) FROM counted) + 1)) AS n)
)
SELECT tenant, id, high, many, {positions}
    (many = high AND low = 1 AND counted.said = wanted.said) AS whole
FROM counted JOIN wanted ON n = high ORDER BY tenant, id
"""


def ends(events: str, *, decided: bool) -> str:
    """How far each aggregate is, and whether that is all of it, in SQL."""
    if decided:
        return ENDS.format(events=events, position="", positions='0 AS sequence, 0 AS "index",')
    place = 'max_by("sequence", ("sequence", "index")) AS sequence'
    index = 'max_by("index", ("sequence", "index")) AS "index"'
    return ENDS.format(
        events=events, position=f", {place}, {index}", positions='sequence, "index",'
    )


def proved(view: type[State], events: str) -> str:
    """The same beside an aggregate's cells, where it has one row: events are gone through once."""
    return PROVED.format(cells=cells(view, source=events, counted=True), many=MANY, said=SAID)


def what_is_wrong(many: int, high: int) -> str:
    """Of one that is not whole."""
    what = "there are holes" if many < high else "some are there twice"
    return f"has {many:,} events up to version {high:,}: {what}"

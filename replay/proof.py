"""Proof: whether an aggregate's events are exactly 1..n. Density is the proof of completeness."""

from __future__ import annotations

from mainstem._state import State
from mainstem.sql import MANY, SAID, cells

# Each event says how the hash of its number differs, bit by bit, from that of the number before.
# From 1 to n without a hole that adds up to how the hash of n differs from that of 0. What is twice
# there cancels out: of n events each number must be there an odd number of times, and so once.
SUMMED = 'bit_xor(xor(hash("version"), hash("version" - 1)))'
WANTED = "xor(hash({high}), hash(CAST(0 AS BIGINT)))"
WHOLE = "__whole"
PROVED = """
SELECT * EXCLUDE ({said}), ({many} = "version" AND {said} = {wanted}) AS {whole} FROM ({cells})
"""
ENDS = """
WITH counted AS (
    SELECT tenant, id, count(*) AS many, max("version") AS high,
        {summed} AS said{position}
    FROM {events} GROUP BY tenant, id
)
SELECT tenant, id, high, many, {positions}
    (many = high AND said = {wanted}) AS whole
FROM counted ORDER BY tenant, id
"""
# Without a row for each number: each version says its hash, and takes away that of the one before.
# Only what is there once each, from 1 to the highest, leaves that one's, and takes away that of 0.
SPARK_ENDS = """
SELECT tenant, id, max(version) AS high, count(*) AS many, {positions}
    sum({hash} - {before}) = {last} - {none} AS whole
FROM {events} GROUP BY tenant, id SORT BY tenant, id
"""
SPARK_HASH = "CAST(xxhash64({}) AS DECIMAL(20, 0))"


def ends(events: str, *, decided: bool, dialect: str = "duckdb") -> str:
    """How far each aggregate is, and whether that is all of it, in SQL."""
    if dialect == "spark":
        return _spark_ends(events, decided=decided)
    proof = {"summed": SUMMED, "wanted": WANTED.format(high="high")}
    if decided:
        positions = '0 AS sequence, 0 AS "index",'
        return ENDS.format(events=events, position="", positions=positions, **proof)
    place = 'max_by("sequence", ("sequence", "index")) AS sequence'
    index = 'max_by("index", ("sequence", "index")) AS "index"'
    return ENDS.format(
        events=events, position=f", {place}, {index}", positions='sequence, "index",', **proof
    )


def _spark_ends(events: str, *, decided: bool) -> str:
    place = "struct(CAST(`sequence` AS BIGINT), `index`)"
    positions = (
        "'0' AS sequence, 0 AS `index`,"
        if decided
        else f"max_by(`sequence`, {place}) AS sequence, max_by(`index`, {place}) AS `index`,"
    )
    hashes = {"hash": "version", "before": "version - 1", "last": "max(version)"}
    return SPARK_ENDS.format(
        events=events, positions=positions, none=SPARK_HASH.format("CAST(0 AS BIGINT)"),
        **{name: SPARK_HASH.format(of) for name, of in hashes.items()},
    )  # fmt: skip


def proved(view: type[State], events: str, tenant: str | None = None) -> str:
    """The same beside an aggregate's cells, where it has one row: events are gone through once.

    How many there are is MANY, and WHOLE whether that is all of it: a view may have any other name.
    """
    text = cells(view, source=events, counted=True, tenant=tenant)
    wanted = WANTED.format(high='"version"')
    return PROVED.format(cells=text, many=MANY, said=SAID, wanted=wanted, whole=WHOLE)


def what_is_wrong(many: int, high: int) -> str:
    """Of one that is not whole."""
    what = "there are holes" if many < high else "some are there twice"
    return f"has {many:,} events up to version {high:,}: {what}"

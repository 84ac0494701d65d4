"""The feed's tables: shards, which share out the hashes of keys, and the bundles put on them."""

from __future__ import annotations

SHARDS_AT_FIRST = 4
HASHES = 2**32

SHARDS = """
CREATE TABLE IF NOT EXISTS shards (
    number INTEGER PRIMARY KEY,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    parents TEXT NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0
)
"""
# Sequences grow over the whole feed, so a put adds where the table ends, whatever its shards are.
BUNDLES = """
CREATE TABLE IF NOT EXISTS bundles (
    sequence INTEGER PRIMARY KEY,
    shard INTEGER NOT NULL,
    at INTEGER NOT NULL,
    key TEXT NOT NULL,
    data BLOB NOT NULL
)
"""
BY_SHARD = "CREATE INDEX IF NOT EXISTS bundles_by_shard ON bundles (shard)"
# Numbers above `floor` and above every bundle are free, up to `reserved`.
NUMBERS = """
CREATE TABLE IF NOT EXISTS numbers (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    floor INTEGER NOT NULL,
    reserved INTEGER NOT NULL
)
"""
NO_NUMBERS = "INSERT OR IGNORE INTO numbers (one, floor, reserved) VALUES (1, 0, 0)"
FIRST_SHARDS = f"""
WITH RECURSIVE first (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM first LIMIT {SHARDS_AT_FIRST})
INSERT OR IGNORE INTO shards (number, low, high, parents)
SELECT n + 1, {HASHES} / {SHARDS_AT_FIRST} * n, {HASHES} / {SHARDS_AT_FIRST} * (n + 1) - 1, '[]'
FROM first
"""  # noqa: S608  two constants of ours
TABLES = (SHARDS, BUNDLES, BY_SHARD, NUMBERS, NO_NUMBERS, FIRST_SHARDS)

"""The journal's tables. Records, claims and keys of requests stay; snapshots are a cache."""

from __future__ import annotations

# Rows lie in the order of commits: a commit adds where the table ends, and `touched` reads on from
# there. An index that ends in `last` finds heads and tails without touching a row.
RECORDS = """
CREATE TABLE IF NOT EXISTS records (
    place INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    id TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last >= first AND first > 0),
    slot INTEGER NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL,
    command TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    answer BLOB NOT NULL,
    events BLOB NOT NULL
)
"""
BY_LAST = """
CREATE UNIQUE INDEX IF NOT EXISTS records_by_last ON records (tenant, domain, id, last)
"""
BY_COMMAND = """
CREATE UNIQUE INDEX IF NOT EXISTS records_by_command ON records (tenant, domain, id, command)
"""
HINTS = """
CREATE INDEX IF NOT EXISTS hints ON records (slot, tenant, domain, id, first, at)
WHERE published = 0
"""
CLAIMS = """
CREATE TABLE IF NOT EXISTS claims (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    mark TEXT NOT NULL,
    value TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (tenant, domain, mark, value)
) WITHOUT ROWID
"""
ONCE = """
CREATE TABLE IF NOT EXISTS once (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) WITHOUT ROWID
"""
SNAPSHOTS = """
CREATE TABLE IF NOT EXISTS snapshots (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    cells BLOB NOT NULL,
    PRIMARY KEY (tenant, domain, id, state)
)
"""
TABLES = (RECORDS, BY_LAST, BY_COMMAND, HINTS, CLAIMS, ONCE, SNAPSHOTS)

"""search.db: the words of rows, derived from views.db and never the truth.

A word's list in the index is in the order of rowids. A rowid is the scope's number before the
document's, so a scope's documents stand together: one range of the list, found without a look at
other tenants, marks and generations.
"""

from __future__ import annotations

TABLES = (
    # A tombstone is a document without words: its version keeps an older one from coming back.
    """CREATE TABLE IF NOT EXISTS documents (
        number INTEGER PRIMARY KEY, generation INTEGER NOT NULL, tenant TEXT NOT NULL,
        id TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL,
        UNIQUE (generation, tenant, id, key))""",
    # What is searched together: a mark of a tenant's documents in a generation. Never given twice.
    """CREATE TABLE IF NOT EXISTS scopes (
        number INTEGER PRIMARY KEY AUTOINCREMENT, generation INTEGER NOT NULL,
        tenant TEXT NOT NULL, mark TEXT NOT NULL,
        UNIQUE (generation, tenant, mark))""",
    """CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5
        (text, tokenize = 'unicode61 remove_diacritics 2')""",
)

"""views.db: rows, and what is written with them. All of it follows from the journal and the feed.

Nearly all of it is written without waiting for the disk. It is one file with one log, so a power
loss takes back the newest of rows, parks, intents and checkpoints together, never one without the
others; the feed is then read again from the older checkpoint, and the same is written again.
What would not come back by itself waits for the disk, and says why where it is written.
"""

from __future__ import annotations

# A table of cells has rowids: cells may be long, and long keys-with-cells make a slow tree. What is
# short, or read as a range, is clustered by its key.
ROWS = (
    # `cells` is the row with the key "": a view without keys is read and written in one place.
    """CREATE TABLE IF NOT EXISTS heads (
        generation INTEGER NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL,
        version INTEGER NOT NULL, sequence INTEGER NOT NULL, idx INTEGER NOT NULL, cells BLOB,
        PRIMARY KEY (generation, tenant, id))""",
    """CREATE TABLE IF NOT EXISTS rows (
        generation INTEGER NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL,
        cells BLOB NOT NULL,
        PRIMARY KEY (generation, tenant, id, key))""",
    # "order" has no type: numbers and texts stay what they are, and stand in their own order.
    """CREATE TABLE IF NOT EXISTS entries (
        generation INTEGER NOT NULL, tenant TEXT NOT NULL, "index" TEXT NOT NULL,
        "values" TEXT NOT NULL, "order" NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL,
        PRIMARY KEY (generation, tenant, "index", "values", "order", id, key)) WITHOUT ROWID""",
    # A place is never given twice, or whoever listens would miss what got it the second time.
    """CREATE TABLE IF NOT EXISTS changes (
        place INTEGER PRIMARY KEY AUTOINCREMENT, generation INTEGER NOT NULL,
        tenant TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS changes_by_generation ON changes (generation, place)",
    """CREATE TABLE IF NOT EXISTS lanes (
        generation INTEGER NOT NULL, lane TEXT NOT NULL, sequence INTEGER NOT NULL,
        bundles INTEGER NOT NULL, total INTEGER NOT NULL, producers TEXT NOT NULL,
        PRIMARY KEY (generation, lane)) WITHOUT ROWID""",
)
EFFECTS = (
    """CREATE TABLE IF NOT EXISTS timers (
        generation INTEGER NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL,
        command TEXT NOT NULL, due INTEGER NOT NULL,
        PRIMARY KEY (generation, tenant, id, command)) WITHOUT ROWID""",
    """CREATE INDEX IF NOT EXISTS timers_by_due
        ON timers (generation, due, tenant, id, command)""",
    # Of no generation: whichever build of a state says it, it is the same effect, done once.
    """CREATE TABLE IF NOT EXISTS intents (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        tenant TEXT NOT NULL, domain TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
        reaction TEXT NOT NULL, n INTEGER NOT NULL,
        effect BLOB NOT NULL, at INTEGER NOT NULL, done_at INTEGER,
        UNIQUE (tenant, domain, id, version, reaction, n))""",
    "CREATE INDEX IF NOT EXISTS intents_waiting ON intents (place) WHERE done_at IS NULL",
    """CREATE TABLE IF NOT EXISTS reactions (
        name TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID""",
)
PARKS = (
    """CREATE TABLE IF NOT EXISTS parked (
        generation INTEGER NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL,
        high INTEGER NOT NULL, why TEXT NOT NULL, poison INTEGER NOT NULL,
        since INTEGER NOT NULL, tries INTEGER NOT NULL,
        PRIMARY KEY (generation, tenant, id)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS facts (
        generation INTEGER NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL,
        sequence INTEGER NOT NULL, idx INTEGER NOT NULL, event BLOB NOT NULL,
        PRIMARY KEY (generation, tenant, id, sequence, idx))""",
    """CREATE TABLE IF NOT EXISTS quarantined (
        sequence INTEGER NOT NULL, shard TEXT NOT NULL, key TEXT NOT NULL,
        data BLOB NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (sequence, shard))""",
)
GENERATIONS = (
    # A number is never given twice: whatever is left of a dropped one belongs to nobody.
    """CREATE TABLE IF NOT EXISTS generations (
        number INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, fingerprint TEXT NOT NULL,
        stage TEXT NOT NULL, since INTEGER NOT NULL)""",
    """CREATE UNIQUE INDEX IF NOT EXISTS one_is_current
        ON generations (sink) WHERE stage = 'current'""",
    """CREATE UNIQUE INDEX IF NOT EXISTS one_is_building
        ON generations (sink, fingerprint) WHERE stage = 'building'""",
    """CREATE TABLE IF NOT EXISTS notes (
        generation INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (generation, name)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS positions (
        generation INTEGER NOT NULL, shard TEXT NOT NULL, sequence INTEGER NOT NULL,
        PRIMARY KEY (generation, shard)) WITHOUT ROWID""",
)
TABLES = (*ROWS, *EFFECTS, *PARKS, *GENERATIONS)

-- The registry. A change here raises VERSION in database.py.

CREATE TABLE clusters (
    name        TEXT PRIMARY KEY,
    folder      TEXT NOT NULL,
    cloud       TEXT NOT NULL,
    region      TEXT NOT NULL,
    status      TEXT NOT NULL,
    num_nodes   INTEGER NOT NULL,
    spec_file   TEXT NOT NULL,
    spec_digest TEXT NOT NULL,
    hourly_usd  REAL,
    hosts       TEXT NOT NULL,  -- JSON list
    slot        INTEGER,
    rendering   TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    owner       TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL
);

-- Who has which small number on this machine, also before its first record.
CREATE TABLE slots (
    slot        INTEGER PRIMARY KEY CHECK (slot BETWEEN 1 AND 250),
    name        TEXT NOT NULL UNIQUE,
    reserved_at TEXT NOT NULL
);

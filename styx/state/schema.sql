-- The registry and the journal. A change here raises VERSION in database.py.

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

CREATE TABLE runs (
    run_id     TEXT PRIMARY KEY,
    cluster    TEXT NOT NULL,
    verb       TEXT NOT NULL,
    summary    TEXT NOT NULL,
    owner      TEXT NOT NULL,
    process    TEXT NOT NULL,  -- see process.py
    started_at TEXT NOT NULL,
    ended_at   TEXT,
    exit_code  INTEGER
);

CREATE INDEX runs_by_cluster ON runs (cluster, run_id);

CREATE TABLE steps (
    id     INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES runs (run_id),
    seq    INTEGER NOT NULL,  -- the same for a step's begin and its end or fail
    step   TEXT NOT NULL,
    phase  TEXT NOT NULL CHECK (phase IN ('begin', 'end', 'fail')),
    detail TEXT NOT NULL,     -- JSON object
    at     TEXT NOT NULL,
    UNIQUE (run_id, seq, phase)
);

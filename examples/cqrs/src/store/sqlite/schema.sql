-- Columns that were added later are in `mod.rs`.

-- The write side.
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    shape INTEGER NOT NULL,
    body TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    UNIQUE (account, version)
) STRICT;
-- The account after its event `event_id`. Programs with another form of it ignore it.
CREATE TABLE IF NOT EXISTS snapshots (
    account TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    shape INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commands (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    wanted TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    body TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    sent_ms INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (id) WHERE sent_ms IS NULL;

-- The read side.
CREATE TABLE IF NOT EXISTS views (
    colour TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    is_live INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO views (colour, position, is_live) VALUES ('blue', 0, 1), ('green', 0, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS view_accounts (
    colour TEXT NOT NULL,
    account TEXT NOT NULL,
    owner TEXT NOT NULL,
    cents INTEGER NOT NULL,
    is_closed INTEGER NOT NULL,
    version INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (colour, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS view_lines (
    colour TEXT NOT NULL,
    account TEXT NOT NULL,
    version INTEGER NOT NULL,
    cents INTEGER NOT NULL,
    balance INTEGER NOT NULL,
    reference TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (colour, account, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letters (
    colour TEXT NOT NULL,
    position INTEGER NOT NULL,
    account TEXT NOT NULL,
    why TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (colour, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dead_letters_of ON dead_letters (colour, account);
CREATE TABLE IF NOT EXISTS settlements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    account TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS settlements_skipped ON settlements (position) WHERE decision = 'skip';

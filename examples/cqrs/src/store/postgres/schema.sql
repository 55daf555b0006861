-- Columns that were added later are in `mod.rs`.

-- Two processes that start at once make the tables one after the other.
SELECT pg_advisory_xact_lock(7041776, 0);

-- The write side.
CREATE TABLE IF NOT EXISTS events (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    shape INT NOT NULL,
    body TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    CONSTRAINT events_version UNIQUE (account, version)
);
-- The account after its event `event_id`. Programs with another form of it ignore it.
CREATE TABLE IF NOT EXISTS snapshots (
    account TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    shape INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS commands (
    id TEXT COLLATE "C" PRIMARY KEY,
    account TEXT NOT NULL,
    wanted TEXT NOT NULL,
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic TEXT NOT NULL,
    body TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    sent_ms BIGINT
);
CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (id) WHERE sent_ms IS NULL;

-- The read side.
CREATE TABLE IF NOT EXISTS views (
    colour TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    is_live BOOLEAN NOT NULL
);
INSERT INTO views (colour, position, is_live) VALUES ('blue', 0, TRUE), ('green', 0, FALSE) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS view_accounts (
    colour TEXT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    owner TEXT NOT NULL,
    cents BIGINT NOT NULL,
    is_closed BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (colour, account)
);
CREATE TABLE IF NOT EXISTS view_lines (
    colour TEXT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    cents BIGINT NOT NULL,
    balance BIGINT NOT NULL,
    reference TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (colour, account, version)
);
CREATE TABLE IF NOT EXISTS dead_letters (
    colour TEXT NOT NULL,
    position BIGINT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    why TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (colour, position)
);
CREATE INDEX IF NOT EXISTS dead_letters_of ON dead_letters (colour, account);
CREATE TABLE IF NOT EXISTS settlements (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position BIGINT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT,
    at_ms BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS settlements_skipped ON settlements (position) WHERE decision = 'skip';

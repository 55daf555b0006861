-- As sqlite-es asks for it.
CREATE TABLE events (
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    sequence INTEGER CHECK (sequence >= 0) NOT NULL,
    event_type TEXT NOT NULL,
    event_version TEXT NOT NULL,
    payload TEXT NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
) STRICT;
CREATE TABLE account_view (
    view_id TEXT NOT NULL,
    version INTEGER CHECK (version >= 0) NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (view_id)
) STRICT;

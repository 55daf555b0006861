-- Each event has an id, a UUID of version 4, also one that an older program has appended.
CREATE UNIQUE INDEX IF NOT EXISTS events_id ON events (event_id);
CREATE TRIGGER IF NOT EXISTS events_without_id AFTER INSERT ON events WHEN NEW.event_id IS NULL BEGIN
    UPDATE events SET event_id = lower(
        hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
        || substr('89ab', (random() & 3) + 1, 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))
    ) WHERE position = NEW.position;
END;

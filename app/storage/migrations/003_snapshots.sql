-- What the engine keeps on disk of an answer's conversation, so that it goes on without being read again. The files are
-- the engine's. A row outlives its message, so that the snapshot of a conversation that is gone is found and deleted.

CREATE TABLE snapshots (
    message_id INTEGER PRIMARY KEY, -- the answer that the snapshot ends with
    snapshot   TEXT    NOT NULL,    -- its id, 16 hexadecimal digits; the same tokens have the same one
    used_ms    INTEGER NOT NULL,    -- milliseconds since 1970, UTC: saved, or a conversation went on from it
    is_pinned  INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX snapshots_by_id ON snapshots (snapshot);

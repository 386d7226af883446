-- Messages that are to be published to the followers of their channel: a row for each part of a delivery,
-- written together with the note that the part arrived.
CREATE TABLE publication (
    delivery_id INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    part        INTEGER NOT NULL,
    message_id  INTEGER NOT NULL,
    owed_at     INTEGER NOT NULL,
    state       TEXT NOT NULL DEFAULT 'pending',  -- pending, done or failed
    attempts    INTEGER NOT NULL DEFAULT 0,
    try_at      INTEGER NOT NULL,        -- not before; while it is tried: when the lease ends
    error       TEXT,
    PRIMARY KEY (delivery_id, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX publication_open ON publication (try_at) WHERE state = 'pending';

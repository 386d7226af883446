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

-- Of which kind of trouble a subscription's maker knows, NULL where of none; and when they were told of each.
ALTER TABLE subscription ADD COLUMN told_kind TEXT;
UPDATE subscription SET told_kind =
    CASE instr(reason, ': ') WHEN 0 THEN reason ELSE substr(reason, 1, instr(reason, ': ') - 1) END
    WHERE told;
ALTER TABLE subscription DROP COLUMN told;
CREATE TABLE telling (
    subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL,
    told_at         INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, kind)
) STRICT, WITHOUT ROWID;

-- Where the windows of a subscription may begin at the earliest: what a pause skipped stays skipped.
ALTER TABLE subscription ADD COLUMN skipped_to INTEGER NOT NULL DEFAULT 0;

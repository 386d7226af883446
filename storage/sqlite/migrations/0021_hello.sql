-- Servers: when the bot greeted each last, NULL where it left since, and on whose clock its digests come.
CREATE TABLE server (
    guild_id   INTEGER PRIMARY KEY,
    greeted_at INTEGER,
    zone       TEXT                      -- IANA name, once somebody has chosen one
) STRICT;
-- The zones that people chose.
CREATE TABLE person (
    user_id INTEGER PRIMARY KEY,
    zone    TEXT NOT NULL                -- IANA name
) STRICT;
-- Digests that were ended can be brought back for a few minutes, with all that belongs to them.
ALTER TABLE subscription ADD COLUMN ended_at INTEGER;
CREATE INDEX subscription_ended ON subscription (ended_at) WHERE ended_at IS NOT NULL;
-- What a digest was before it was changed last, as JSON, so that the change can be undone.
CREATE TABLE former (
    subscription_id INTEGER PRIMARY KEY REFERENCES subscription (id) ON DELETE CASCADE,
    changed_at      INTEGER NOT NULL,
    was             TEXT NOT NULL
) STRICT;
-- Where an edition was delivered, NULL where its digest goes there still.
ALTER TABLE delivery ADD COLUMN place_id INTEGER;
ALTER TABLE delivery ADD COLUMN place_kind TEXT;

-- A digest of several topics, in their order, or of a search. A place gets each topic, and each search, in one
-- digest; channel_id is the subscription's.
CREATE TABLE made_subscription (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    words           TEXT,                            -- of its search; NULL where it has topics
    guild_id        INTEGER,
    channel_id      INTEGER NOT NULL,
    kind            TEXT NOT NULL DEFAULT 'channel', -- channel, forum or dm
    created_by      INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    issue_time      TEXT NOT NULL,                   -- HH:MM on the clock of its zone
    zone            TEXT NOT NULL,                   -- IANA name
    days            TEXT NOT NULL,                   -- digits 1 (Monday) to 7 (Sunday)
    stories         INTEGER NOT NULL,                -- how many an edition holds at most
    min_quality     INTEGER NOT NULL,
    mention_role_id INTEGER,                         -- the role that an edition pings
    publish         INTEGER NOT NULL DEFAULT 0,      -- to the channel's followers
    muted           TEXT NOT NULL DEFAULT '[]',      -- JSON list of outlets' domains
    covered_to      INTEGER NOT NULL,                -- where the next edition's window begins
    skipped_to      INTEGER NOT NULL DEFAULT 0,      -- where windows begin at the earliest, after a pause
    next_at         INTEGER NOT NULL,
    state           TEXT NOT NULL DEFAULT 'active',  -- active, paused or blocked
    reason          TEXT,                            -- why it is blocked
    told_kind       TEXT,                            -- of which kind of trouble its maker knows
    warned          TEXT,                            -- what its maker was told last of what it has lost
    left_at         INTEGER                          -- when the bot left the server
) STRICT;
INSERT INTO made_subscription SELECT id, NULL, guild_id, channel_id, kind, created_by, created_at, issue_time,
    zone, days, stories, min_quality, mention_role_id, publish, muted, covered_to, skipped_to, next_at, state,
    reason, told_kind, warned, left_at FROM subscription;
-- No id is given twice, also not that of one that was ended.
DELETE FROM sqlite_sequence WHERE name = 'made_subscription';
INSERT INTO sqlite_sequence (name, seq) SELECT 'made_subscription', seq FROM sqlite_sequence WHERE name = 'subscription';
CREATE TABLE subscription_topic (
    channel_id      INTEGER NOT NULL,
    topic_id        INTEGER NOT NULL REFERENCES topic (id),
    subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    place           INTEGER NOT NULL,                -- in the subscription's order, from 0
    PRIMARY KEY (channel_id, topic_id)
) STRICT, WITHOUT ROWID;
INSERT INTO subscription_topic SELECT channel_id, topic_id, id, 0 FROM subscription;
CREATE UNIQUE INDEX subscription_topic_place ON subscription_topic (subscription_id, place);
DROP TABLE subscription;
ALTER TABLE made_subscription RENAME TO subscription;
CREATE INDEX subscription_due ON subscription (next_at) WHERE state <> 'paused' AND left_at IS NULL;
CREATE INDEX subscription_guild ON subscription (guild_id);
CREATE INDEX subscription_channel ON subscription (channel_id);
CREATE UNIQUE INDEX subscription_words ON subscription (channel_id, words) WHERE words IS NOT NULL;
CREATE INDEX subscription_blocked ON subscription (guild_id) WHERE state = 'blocked' AND left_at IS NULL;
CREATE INDEX subscription_left ON subscription (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX subscription_maker ON subscription (created_by) WHERE kind = 'dm';

CREATE TABLE place_shown (
    channel_id  INTEGER NOT NULL,
    showing_id  INTEGER NOT NULL REFERENCES showing (id),
    delivery_id INTEGER NOT NULL,        -- may be gone; ids of deliveries are never given twice
    topic_id    INTEGER REFERENCES topic (id),  -- that the digest showed it for; NULL where that is a search
    words       TEXT,                           -- of that search
    PRIMARY KEY (channel_id, showing_id, delivery_id)
) STRICT, WITHOUT ROWID;
INSERT INTO place_shown SELECT channel_id, showing_id, delivery_id, topic_id, NULL FROM shown;
DROP TABLE shown;
ALTER TABLE place_shown RENAME TO shown;
CREATE INDEX shown_delivery ON shown (delivery_id);
CREATE INDEX shown_showing ON shown (showing_id);

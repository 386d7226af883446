-- Feeds, the second maker of records: what the operator says of each, what it says itself, how its checks went.
CREATE TABLE feed (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: the keys of its records hold it
    url           TEXT NOT NULL UNIQUE,
    host          TEXT NOT NULL,             -- of the address; one request a host at a time
    name          TEXT NOT NULL DEFAULT '',  -- the operator's; empty: it goes by its own title
    topics        TEXT NOT NULL DEFAULT '[]',-- JSON list of names, which each of its articles gets
    quality       INTEGER,                   -- the operator's level, NULL: that of the outlet
    language      TEXT NOT NULL DEFAULT '',  -- the operator's
    servers       TEXT NOT NULL DEFAULT '[]',-- JSON list of the only servers that it shows in; empty: all
    paused        INTEGER NOT NULL DEFAULT 0,
    added_at      INTEGER NOT NULL,
    title         TEXT NOT NULL DEFAULT '',  -- this and the next three are the feed's own words
    site          TEXT NOT NULL DEFAULT '',
    description   TEXT NOT NULL DEFAULT '',
    spoken        TEXT NOT NULL DEFAULT '',  -- the language that it says it is in
    ttl           INTEGER NOT NULL DEFAULT 0,-- seconds for which it says that it may be kept
    next_at       INTEGER NOT NULL,          -- of the next check
    checked_at    INTEGER,                   -- NULL: never
    succeeded_at  INTEGER,                   -- the last check that found it as it should be
    read_at       INTEGER,                   -- the last check that found something else than before
    etag          TEXT,
    modified      TEXT,
    digest        BLOB,                      -- of the document as it was read last
    failures      INTEGER NOT NULL DEFAULT 0,-- in a row
    failing_since INTEGER,
    problem       TEXT,                      -- see digests/feeds/problems.py
    notified      INTEGER NOT NULL DEFAULT 0,-- the owners were told of that
    moved_to      TEXT,                      -- where a permanent redirect leads, and since when
    moved_since   INTEGER,
    ended_at      INTEGER,                   -- the server says that it is gone for good
    removed_at    INTEGER                    -- by the operator, who may undo that for a while
) STRICT;
CREATE INDEX feed_due ON feed (next_at) WHERE NOT paused AND ended_at IS NULL AND removed_at IS NULL;
CREATE INDEX feed_host ON feed (host);

-- The entries that became records, to tell what is new; they stay when their feed is removed.
CREATE TABLE feed_entry (
    id           INTEGER PRIMARY KEY,        -- that of its record
    feed_id      INTEGER NOT NULL,
    key          TEXT NOT NULL,              -- of its record
    guid         INTEGER NOT NULL,           -- 64-bit keys of what tells entries apart, see packing.py
    address      INTEGER NOT NULL,
    title        INTEGER NOT NULL,
    excerpt      INTEGER NOT NULL,
    said         INTEGER NOT NULL,           -- a key of all that it says
    dated        INTEGER NOT NULL,           -- it says itself when it was published
    published_at INTEGER NOT NULL,           -- as it was first taken to be
    image_width  INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL            -- the last reading that found it in its feed
) STRICT;
CREATE INDEX feed_entry_guid ON feed_entry (feed_id, guid);
CREATE INDEX feed_entry_address ON feed_entry (feed_id, address);
CREATE INDEX feed_entry_title ON feed_entry (feed_id, title);
CREATE INDEX feed_entry_published ON feed_entry (feed_id, published_at);
CREATE INDEX feed_entry_seen ON feed_entry (seen_at);

-- Topics as the operator describes them, which goes before what files say.
CREATE TABLE own_topic (
    slug        TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    parent      TEXT,
    names       TEXT NOT NULL,               -- JSON list of keywords
    in_excerpts INTEGER NOT NULL DEFAULT 0,  -- keywords count in excerpts as well
    servers     TEXT NOT NULL DEFAULT '[]'
) STRICT, WITHOUT ROWID;
CREATE VIEW topic_description AS
SELECT slug, name, parent, names FROM own_topic
UNION ALL
SELECT slug, name, parent, names FROM topic_file
WHERE file_id = (SELECT min(file_id) FROM topic_file AS other WHERE other.slug = topic_file.slug)
AND NOT EXISTS (SELECT 1 FROM own_topic WHERE own_topic.slug = topic_file.slug);

-- How good outlets are, as the operator says.
CREATE TABLE outlet_level (
    domain  TEXT PRIMARY KEY,
    quality INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What one process at a time does: who does it, and until when without another word.
CREATE TABLE lease (
    name  TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Times are UTC epoch seconds. Words as in docs and code: a seed file holds one record; a record
-- mentions its own article (position 0) and the related coverage (positions 1 and up).

CREATE TABLE seed_file (
    id       INTEGER PRIMARY KEY,        -- a 64-bit key of the path, see storage/packing.py
    path     TEXT NOT NULL,              -- relative to the seeds folder, '/' between its parts
    size     INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    digest   BLOB NOT NULL,              -- of the content, to tell a touched file from a changed one
    kind     TEXT NOT NULL               -- record, topic, provider, skipped or failed
) STRICT;

CREATE TABLE fault (
    file_id INTEGER PRIMARY KEY REFERENCES seed_file (id) ON DELETE CASCADE,
    line    INTEGER,
    field   TEXT,
    error   TEXT NOT NULL
) STRICT;

CREATE TABLE provider (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    domain TEXT NOT NULL,
    UNIQUE (domain, name)
) STRICT;

CREATE TABLE story (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice
    articles   INTEGER NOT NULL DEFAULT 0,          -- those that may be shown
    pick_id    INTEGER,                             -- NULL: everything was withdrawn or went away
    first_at   INTEGER NOT NULL DEFAULT 0,
    newest_at  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX story_newest ON story (newest_at DESC, id) WHERE pick_id IS NOT NULL;

CREATE TABLE story_alias (
    id       INTEGER PRIMARY KEY,        -- the id of a story that was merged into another
    story_id INTEGER NOT NULL REFERENCES story (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX story_alias_story ON story_alias (story_id);

-- What a seed says of one article, each wording once however many files repeat it.
CREATE TABLE mention (
    id           INTEGER PRIMARY KEY,
    digest       BLOB NOT NULL UNIQUE,
    article_id   INTEGER REFERENCES article (id) DEFERRABLE INITIALLY DEFERRED,  -- NULL: not tied (yet)
    own          INTEGER NOT NULL,       -- a record's own article speaks before others' mentions
    published_at INTEGER NOT NULL,
    quality      INTEGER NOT NULL,
    provider_id  INTEGER NOT NULL REFERENCES provider (id),
    type         TEXT NOT NULL,
    url          TEXT NOT NULL,          -- as the seed gives it: what people click
    title        TEXT NOT NULL,
    excerpt      TEXT NOT NULL,
    image_url    TEXT,
    addresses    BLOB NOT NULL,          -- keys of its canonical addresses, 8 bytes each, its own first
    raw          BLOB NOT NULL           -- its text in the file, compressed, see storage/packing.py
) STRICT;
CREATE INDEX mention_article ON mention (article_id);

CREATE TABLE article (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    story_id     INTEGER NOT NULL REFERENCES story (id),
    mention_id   INTEGER,                -- the wording in force; NULL: no seed speaks of it any more
    address      INTEGER NOT NULL,       -- key of its canonical address
    published_at INTEGER NOT NULL,       -- this, quality and provider are the mention's, for the indexes
    quality      INTEGER NOT NULL,
    provider_id  INTEGER NOT NULL REFERENCES provider (id),
    removed      INTEGER NOT NULL,       -- withdrawn by the source
    known_at     INTEGER NOT NULL        -- when the bot first heard of it
) STRICT;
CREATE INDEX article_story ON article (story_id);
CREATE INDEX article_published ON article (published_at, story_id) WHERE mention_id IS NOT NULL;

CREATE TABLE record (
    id         INTEGER PRIMARY KEY REFERENCES seed_file (id) ON DELETE CASCADE,
    category   TEXT NOT NULL,
    heat       INTEGER NOT NULL,
    published  INTEGER NOT NULL,
    removed    INTEGER NOT NULL,
    mention_id INTEGER NOT NULL,         -- of its own article
    related    BLOB NOT NULL,            -- ids of the other mentions in order, 4 bytes each: as rows of a
                                         -- table they would outweigh all the rest
    related_at INTEGER                   -- where in the own mention's text the related ones stand
) STRICT;
CREATE INDEX record_mention ON record (mention_id);

CREATE TABLE topic (
    id          INTEGER PRIMARY KEY,
    slug        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL
) STRICT;

CREATE TABLE topic_file (                -- what _data/topics files say of topics
    file_id INTEGER PRIMARY KEY REFERENCES seed_file (id) ON DELETE CASCADE,
    slug   TEXT NOT NULL,
    name   TEXT NOT NULL,
    parent TEXT,
    names  TEXT NOT NULL                  -- JSON list: short name, keywords, hashtags
) STRICT;
CREATE INDEX topic_file_slug ON topic_file (slug);

CREATE TABLE record_topic (
    record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    topic_id  INTEGER NOT NULL REFERENCES topic (id),
    PRIMARY KEY (record_id, topic_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE story_topic (
    topic_id  INTEGER NOT NULL REFERENCES topic (id),
    story_id  INTEGER NOT NULL REFERENCES story (id) ON DELETE CASCADE,
    PRIMARY KEY (topic_id, story_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_topic_story ON story_topic (story_id);

CREATE VIRTUAL TABLE article_search USING fts5 (
    title, excerpt, provider,
    content = 'article_text', content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE VIEW article_text AS
SELECT article.id, mention.title, mention.excerpt, provider.name AS provider
FROM article JOIN mention ON mention.id = article.mention_id
JOIN provider ON provider.id = mention.provider_id;

CREATE TABLE reload (
    id          INTEGER PRIMARY KEY,
    finished_at INTEGER NOT NULL,
    report      TEXT NOT NULL            -- JSON, as `broadsheet reload --json` prints it
) STRICT;

CREATE TABLE subscription (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    topic_id    INTEGER NOT NULL REFERENCES topic (id),
    guild_id    INTEGER,
    channel_id  INTEGER NOT NULL,
    created_by  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    issue_time  TEXT NOT NULL,           -- HH:MM on the clock of its zone
    zone        TEXT NOT NULL,           -- IANA name
    days        TEXT NOT NULL,           -- digits 1 (Monday) to 7 (Sunday)
    stories     INTEGER NOT NULL,        -- how many an edition holds at most
    min_quality INTEGER NOT NULL,
    covered_to  INTEGER NOT NULL,        -- where the next edition's window begins
    next_at     INTEGER NOT NULL,
    UNIQUE (channel_id, topic_id)
) STRICT;
CREATE INDEX subscription_due ON subscription (next_at);
CREATE INDEX subscription_guild ON subscription (guild_id);

-- The outbox: one row for each (subscription, issue date), written before anything is sent.
CREATE TABLE delivery (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    issue_date      TEXT NOT NULL,       -- the local date, ISO 8601
    issue_at        INTEGER NOT NULL,
    state           TEXT NOT NULL,       -- pending, sending, sent, empty, skipped or failed
    edition         TEXT,                -- JSON; NULL where nothing was owed
    attempts        INTEGER NOT NULL DEFAULT 0,
    try_at          INTEGER NOT NULL,    -- not before; while sending: when the lease ends
    parts_sent      INTEGER NOT NULL DEFAULT 0,
    message_id      INTEGER,             -- the first part's
    settled_at      INTEGER,
    error           TEXT,
    UNIQUE (subscription_id, issue_date)
) STRICT;
CREATE INDEX delivery_open ON delivery (try_at) WHERE state IN ('pending', 'sending');

-- A subscription's memory: what it has been shown, and how good the pick was then.
CREATE TABLE shown (
    subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    story_id        INTEGER NOT NULL,
    article_id      INTEGER NOT NULL,
    quality         INTEGER NOT NULL,
    delivery_id     INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    PRIMARY KEY (subscription_id, story_id, delivery_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX shown_delivery ON shown (delivery_id);

-- The arguments of a list that has pages, so that its buttons work after a restart.
CREATE TABLE listing (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    query      TEXT NOT NULL             -- JSON
) STRICT;
CREATE INDEX listing_created ON listing (created_at);

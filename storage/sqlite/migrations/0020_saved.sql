-- Stories that people keep to read later, with words of their own: they outlive what they were taken from.
CREATE TABLE saved (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL,
    url          TEXT NOT NULL,
    title        TEXT NOT NULL,
    outlet       TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    saved_at     INTEGER NOT NULL,
    removed_at   INTEGER,                -- it may be put back for a while
    UNIQUE (user_id, url)
) STRICT;
CREATE INDEX saved_removed ON saved (removed_at) WHERE removed_at IS NOT NULL;

-- Finds an outlet's texts that say the same of many articles; the length tells nearly all of them apart.
CREATE INDEX mention_told ON mention (provider_id, length(excerpt)) WHERE excerpt <> '';

-- What articles of feeds are judged by has a version; when that changes, all that is stored is gone through.
CREATE TABLE judged_by (version INTEGER NOT NULL) STRICT;
INSERT INTO judged_by (version) VALUES (0);
CREATE TABLE judging (
    feed_id INTEGER PRIMARY KEY,  -- 0: the entries of all feeds
    after   INTEGER NOT NULL      -- the id of the entry that was looked at last
) STRICT;

-- How the operator's words of topics changed (JSON, NULL for none), to undo it.
CREATE TABLE topic_change (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    before     TEXT,
    after      TEXT,
    changed_at INTEGER NOT NULL
) STRICT;

-- A general feed gives its articles no topic: they have those that are found in their words.
ALTER TABLE feed ADD COLUMN general INTEGER NOT NULL DEFAULT 0;

-- Files of topics, too, may ask for excerpts.
ALTER TABLE topic_file ADD COLUMN in_excerpts INTEGER NOT NULL DEFAULT 0;
DROP VIEW topic_description;
CREATE VIEW topic_description AS
SELECT slug, name, parent, names, in_excerpts FROM own_topic
UNION ALL
SELECT slug, name, parent, names, in_excerpts FROM topic_file
WHERE file_id = (SELECT min(file_id) FROM topic_file AS other WHERE other.slug = topic_file.slug)
AND NOT EXISTS (SELECT 1 FROM own_topic WHERE own_topic.slug = topic_file.slug);

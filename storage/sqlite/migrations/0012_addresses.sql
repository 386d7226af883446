-- Which article has an address, by the address's key: every address that an article was ever known by, so
-- that old links are found, and so that storing a record finds what it meets without reading everything.
CREATE TABLE address (
    key        INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL
) STRICT;
INSERT INTO address
WITH RECURSIVE place (n) AS (
    SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n < (SELECT max(length(addresses)) FROM mention) / 8
)
SELECT unpack_key(addresses, n) AS key, max(article_id) FROM mention JOIN place ON n < length(addresses) / 8
WHERE article_id IS NOT NULL GROUP BY 1;
INSERT INTO address SELECT address, max(id) FROM article WHERE mention_id IS NULL GROUP BY 1
ON CONFLICT DO NOTHING;
CREATE INDEX article_gone ON article (address) WHERE mention_id IS NULL;
CREATE INDEX article_origin ON article (origin_id) WHERE origin_id <> story_id;

-- The addresses that a mention's article had before they were corrected, each with its title of then: a JSON
-- list of pairs, mostly NULL.
ALTER TABLE mention ADD COLUMN former TEXT;

-- Records of any maker: a seed's has the id of its file.
CREATE TABLE made_record (
    id         INTEGER PRIMARY KEY,      -- a 64-bit key of the record's key, see storage/sqlite/packing.py
    category   TEXT NOT NULL,
    heat       INTEGER NOT NULL,
    published  INTEGER NOT NULL,
    removed    INTEGER NOT NULL,
    mention_id INTEGER NOT NULL,         -- of its own article
    related    BLOB NOT NULL,            -- ids of the other mentions in order, 4 bytes each: as rows of a
                                         -- table they would outweigh all the rest
    related_at INTEGER                   -- where in the own mention's text the related ones stand
) STRICT;
INSERT INTO made_record SELECT * FROM record;
CREATE TABLE made_record_topic (
    record_id INTEGER NOT NULL REFERENCES made_record (id) ON DELETE CASCADE,
    topic_id  INTEGER NOT NULL REFERENCES topic (id),
    PRIMARY KEY (record_id, topic_id)
) STRICT, WITHOUT ROWID;
INSERT INTO made_record_topic SELECT * FROM record_topic;
DROP TABLE record_topic;
DROP TABLE record;
ALTER TABLE made_record RENAME TO record;
ALTER TABLE made_record_topic RENAME TO record_topic;
CREATE INDEX record_mention ON record (mention_id);

-- Words since the vocabulary was last packed; some of them it may hold already.
CREATE TABLE new_word (
    letter INTEGER NOT NULL,             -- its first letter's code point
    word   TEXT NOT NULL,
    PRIMARY KEY (letter, word)
) STRICT, WITHOUT ROWID;

-- How much is stored, in one row: to count it takes longer than to store a record.
CREATE TABLE total (
    records  INTEGER NOT NULL,
    stories  INTEGER NOT NULL,           -- those with articles that a record speaks of, also withdrawn ones
    articles INTEGER NOT NULL
) STRICT;
INSERT INTO total SELECT (SELECT count(*) FROM record), count(DISTINCT story_id), count(*)
FROM article WHERE mention_id IS NOT NULL;

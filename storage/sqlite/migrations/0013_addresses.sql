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

-- Outlets are known without the www., m. or amp. of their hosts, as digests/stories/identity.py says, also
-- where they are muted.
CREATE TABLE folded (
    domain TEXT PRIMARY KEY,
    rest   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO folded SELECT domain, substr(domain, instr(domain, '.') + 1) FROM (
    SELECT domain FROM provider UNION SELECT value FROM subscription, json_each(subscription.muted)
) WHERE substr(domain, 1, instr(domain, '.')) IN ('www.', 'm.', 'amp.');
DELETE FROM folded WHERE instr(rest, '.') = 0 OR (
    substr(rest, 1, instr(rest, '.') - 1) IN ('ac', 'co', 'com', 'edu', 'gov', 'net', 'org')
    AND length(rest) = instr(rest, '.') + 2
);

CREATE TABLE same_provider (
    id      INTEGER PRIMARY KEY,
    kept_id INTEGER NOT NULL
) STRICT;
INSERT INTO same_provider SELECT id, min(id) OVER (PARTITION BY coalesce(rest, provider.domain), name)
FROM provider LEFT JOIN folded USING (domain);
DELETE FROM same_provider WHERE id = kept_id;
UPDATE mention SET provider_id = (SELECT kept_id FROM same_provider WHERE id = provider_id)
WHERE provider_id IN (SELECT id FROM same_provider);
UPDATE article SET provider_id = (SELECT kept_id FROM same_provider WHERE id = provider_id)
WHERE provider_id IN (SELECT id FROM same_provider);
DELETE FROM provider WHERE id IN (SELECT id FROM same_provider);
UPDATE provider SET domain = (SELECT rest FROM folded WHERE folded.domain = provider.domain)
WHERE domain IN (SELECT domain FROM folded);
UPDATE subscription SET muted = (
    SELECT json_group_array(domain) FROM (
        SELECT DISTINCT coalesce(rest, value) AS domain FROM json_each(subscription.muted)
        LEFT JOIN folded ON folded.domain = value ORDER BY 1
    )
) WHERE muted <> '[]';
DROP TABLE same_provider;
DROP TABLE folded;

-- The next reload reads every record anew, and so finds which articles are one though their hosts differ.
UPDATE seed_file SET mtime_ns = -1 WHERE kind = 'record';

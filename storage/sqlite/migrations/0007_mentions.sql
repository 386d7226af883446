-- Mentions without an index of their digests: a reload knows all of them anyway, and alone writes here.

DROP VIEW article_text;
CREATE TABLE wording (
    id           INTEGER PRIMARY KEY,
    digest       BLOB NOT NULL,          -- of what the seed says, to tell wordings apart
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
INSERT INTO wording SELECT * FROM mention;
DROP TABLE mention;
ALTER TABLE wording RENAME TO mention;
CREATE INDEX mention_article ON mention (article_id);
CREATE VIEW article_text AS
SELECT article.id, mention.title, mention.excerpt, provider.name AS provider
FROM article JOIN mention ON mention.id = article.mention_id
JOIN provider ON provider.id = mention.provider_id;

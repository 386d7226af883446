-- The index holds words as they are written: a search adds the other forms of a word itself, so that an
-- exact form can go before them, a phrase is a phrase, and the beginning of a word finds it.
DROP TABLE article_search;
CREATE VIRTUAL TABLE article_search USING fts5 (
    title, excerpt, provider,
    content = 'article_text', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO article_search (rowid, title, excerpt, provider) SELECT * FROM article_text;
CREATE VIRTUAL TABLE search_term USING fts5vocab ('article_search', 'row');

-- Every word of the index, by its first letter: what other forms of a word, and typing errors, are looked
-- up in. The next reload fills it.
CREATE TABLE vocabulary (
    letter INTEGER PRIMARY KEY,          -- its code point
    words  BLOB NOT NULL                 -- in order, a space before and after each, compressed
) STRICT;

-- How prominent a story is at the time of its newest article, as digests/coverage.py reckons it.
ALTER TABLE story ADD COLUMN heat INTEGER NOT NULL DEFAULT 0;
UPDATE story SET heat = (
    SELECT max(quality) + 20 * (count(*) FILTER (WHERE published_at > newest_at - 604800)
        - max(article.id = pick_id AND published_at > newest_at - 604800))
    FROM article WHERE story_id = story.id AND mention_id IS NOT NULL AND NOT removed
) WHERE pick_id IS NOT NULL;
CREATE INDEX story_heat ON story (heat DESC, newest_at DESC) WHERE pick_id IS NOT NULL;

-- The best articles of a story, without looking at the others.
DROP INDEX article_story;
CREATE INDEX article_story ON article (story_id, quality DESC);

-- What an index ends with anyway, or is read beside it, need not stand in it twice.
DROP INDEX story_newest;
CREATE INDEX story_newest ON story (newest_at DESC) WHERE pick_id IS NOT NULL;
DROP INDEX article_published;
CREATE INDEX article_published ON article (published_at) WHERE mention_id IS NOT NULL;

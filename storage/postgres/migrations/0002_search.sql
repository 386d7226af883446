-- The words of articles, as storage/postgres/search.py writes them; NULL: not to be found.
ALTER TABLE article ADD COLUMN words tsvector;
ALTER TABLE article ALTER COLUMN words SET STORAGE EXTERNAL;
-- Blanks, by which the words come to be stored apart from the row; packed, they take 40 bytes.
ALTER TABLE article ADD COLUMN filling text COLLATE "C";
ALTER TABLE article SET (toast_tuple_target = 128);
CREATE INDEX article_words ON article USING gin (words) WHERE words IS NOT NULL;

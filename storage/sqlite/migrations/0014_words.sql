-- A search index that holds the words of storage/search/words.py, as that hands them over: all that stands
-- between two spaces is a word. It is filled in steps while the bot runs, and takes the place of the one before
-- once it has every article: storage/search/rebuild.py.
CREATE VIRTUAL TABLE article_search_next USING fts5 (
    title, excerpt, provider,
    content = '', tokenize = "ascii tokenchars '.+#&'"
);
CREATE VIRTUAL TABLE search_term_next USING fts5vocab ('article_search_next', 'row');

-- One row as long as the index is being filled.
CREATE TABLE rebuild (
    filled_to INTEGER NOT NULL           -- the last article that it has
) STRICT;
INSERT INTO rebuild VALUES (0);

-- What outlets and topics are written in, and the words of these languages, by their stems there.
CREATE TABLE outlet_file (               -- what _data/organizations files say of outlets
    file_id  INTEGER PRIMARY KEY REFERENCES seed_file (id) ON DELETE CASCADE,
    domain   TEXT NOT NULL,
    language TEXT NOT NULL               -- ISO 639
) STRICT;
CREATE INDEX outlet_file_domain ON outlet_file (domain);
ALTER TABLE topic_file ADD COLUMN language TEXT;
CREATE TABLE language_word (
    language TEXT NOT NULL,
    stem     TEXT NOT NULL,
    word     TEXT NOT NULL,
    PRIMARY KEY (language, stem, word)
) STRICT, WITHOUT ROWID;

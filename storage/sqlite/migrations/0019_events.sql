-- Which event each article tells of that came by feed: articles of one event are one story, unless a seed
-- speaks of them.
CREATE TABLE event_article (
    article_id   INTEGER PRIMARY KEY
                 REFERENCES article (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    event_id     INTEGER NOT NULL,       -- the id of the article that began it
    like_id      INTEGER,                -- the article that it is most like, NULL if it began the event itself
    likeness     REAL NOT NULL,          -- to that one, from 0 to 1
    own_likeness REAL NOT NULL,          -- to the likest article of its outlet that tells of another event
    outlet       INTEGER NOT NULL,       -- key of its domain, see storage/sqlite/packing.py
    published_at INTEGER NOT NULL,
    words        BLOB NOT NULL           -- see digests/stories/bags.py
) STRICT;
CREATE INDEX event_article_event ON event_article (event_id);
CREATE INDEX event_article_published ON event_article (published_at);

-- What a person decided: articles of one group are one story, and those of different groups never are.
CREATE TABLE decision (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice
    decided_at INTEGER NOT NULL,
    before     TEXT NOT NULL             -- JSON: the groups that its articles were in before, by article id
) STRICT;
CREATE TABLE decided_article (
    article_id  INTEGER PRIMARY KEY REFERENCES article (id) ON DELETE CASCADE,
    decision_id INTEGER NOT NULL,
    part        INTEGER NOT NULL         -- its group is this part of that decision
) STRICT;
CREATE INDEX decided_article_group ON decided_article (decision_id, part);

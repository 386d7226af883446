-- SQLite 3.40 checks the wrong columns of a table WITHOUT ROWID for NULL where the key doesn't come
-- first, and calls a whole database damaged.

CREATE TABLE memory (
    subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    story_id        INTEGER NOT NULL,
    delivery_id     INTEGER NOT NULL,    -- may be gone; ids of deliveries are never given twice
    article_id      INTEGER NOT NULL,
    quality         INTEGER NOT NULL,
    PRIMARY KEY (subscription_id, story_id, delivery_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memory SELECT subscription_id, story_id, delivery_id, article_id, quality FROM shown;
DROP TABLE shown;
ALTER TABLE memory RENAME TO shown;
CREATE INDEX shown_delivery ON shown (delivery_id);
CREATE INDEX shown_article ON shown (subscription_id, article_id);

-- What was shown outlives the delivery that showed it: old deliveries are forgotten, a story shown
-- must not return.

CREATE TABLE memory (
    subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    story_id        INTEGER NOT NULL,
    article_id      INTEGER NOT NULL,
    quality         INTEGER NOT NULL,
    delivery_id     INTEGER NOT NULL,    -- may be gone; ids of deliveries are never given twice
    PRIMARY KEY (subscription_id, story_id, delivery_id)
) STRICT, WITHOUT ROWID;
INSERT INTO memory SELECT subscription_id, story_id, article_id, quality, delivery_id FROM shown;
DROP TABLE shown;
ALTER TABLE memory RENAME TO shown;
CREATE INDEX shown_delivery ON shown (delivery_id);
CREATE INDEX shown_article ON shown (subscription_id, article_id);

CREATE INDEX delivery_age ON delivery (issue_at);

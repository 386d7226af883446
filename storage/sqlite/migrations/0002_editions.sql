-- An edition once, however many subscriptions it is owed to.

CREATE TABLE edition (
    id      INTEGER PRIMARY KEY,
    content TEXT NOT NULL                 -- JSON
) STRICT;
INSERT INTO edition (id, content) SELECT id, edition FROM delivery WHERE edition IS NOT NULL;

ALTER TABLE delivery ADD COLUMN edition_id INTEGER REFERENCES edition (id); -- NULL where nothing was owed
UPDATE delivery SET edition_id = id WHERE edition IS NOT NULL;
ALTER TABLE delivery DROP COLUMN edition;
CREATE INDEX delivery_edition ON delivery (edition_id);

CREATE INDEX shown_article ON shown (subscription_id, article_id);

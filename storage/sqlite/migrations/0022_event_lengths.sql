-- How long an article's words are as a vector, when it came. Of earlier articles that isn't known: as long as
-- this, they are like nothing, and stay in the stories that they are in.
ALTER TABLE event_article ADD COLUMN length REAL NOT NULL DEFAULT 1e9;

-- Which story an article came with: where a merge is undone, its parts have their own ids again.
ALTER TABLE article ADD COLUMN origin_id INTEGER NOT NULL DEFAULT 0;
UPDATE article SET origin_id = story_id;

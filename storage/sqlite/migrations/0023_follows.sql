-- Stories that people follow: what they know of each is the chapter that it was in when they began.
CREATE TABLE followed (
    user_id     INTEGER NOT NULL,
    story_id    INTEGER NOT NULL,    -- as it was then: story_alias says what it is now
    followed_at INTEGER NOT NULL,
    known_to    INTEGER NOT NULL,    -- when the newest article of that chapter was published
    quality     INTEGER NOT NULL,    -- of its best article
    PRIMARY KEY (user_id, story_id)
) STRICT, WITHOUT ROWID;
-- Topics that a digest leaves out, as a JSON list of ids: no story that has one of them is in it.
ALTER TABLE subscription ADD COLUMN without TEXT NOT NULL DEFAULT '[]';

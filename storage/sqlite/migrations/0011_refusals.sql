-- What the chat service refused to show of stories, so that later messages leave it out at once.
CREATE TABLE refusal (
    kind       TEXT NOT NULL,            -- picture, links or story
    value      TEXT NOT NULL,            -- the picture's address, the addresses linked, or the story's id
    story_id   INTEGER NOT NULL,         -- where it was refused
    reason     TEXT NOT NULL,            -- in the chat service's words, or 'not public'
    refused_at INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusal_age ON refusal (refused_at);

-- The topic that a topic's stories carry since it lost all of them.
ALTER TABLE topic ADD COLUMN heir_id INTEGER REFERENCES topic (id);

-- What a subscription's maker was told last of what it relies on and has lost, NULL where all is there.
ALTER TABLE subscription ADD COLUMN warned TEXT;

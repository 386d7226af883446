-- What several processes share in turns, for example the requests to Discord: when the next turn begins.
CREATE TABLE turn (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL                -- milliseconds
) STRICT;

-- How several processes share the bot's servers: into how many shards, and those into how many groups.
CREATE TABLE layout (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    shard_count INTEGER NOT NULL,
    group_count INTEGER NOT NULL
) STRICT;

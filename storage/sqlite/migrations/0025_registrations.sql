-- Which commands Discord was last told of, so that it isn't told again at every start.
CREATE TABLE registration (
    application_id INTEGER NOT NULL,
    guild_id       INTEGER NOT NULL,    -- the server's that has them; 0: everywhere
    digest         TEXT NOT NULL,       -- of what was sent and of what Discord then had
    PRIMARY KEY (application_id, guild_id)
) STRICT, WITHOUT ROWID;

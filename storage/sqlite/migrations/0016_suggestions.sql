-- Feeds that servers suggested to the bot's owners, for as long as they count.
CREATE TABLE suggestion (
    guild_id INTEGER NOT NULL,
    made_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX suggestion_made ON suggestion (made_at);

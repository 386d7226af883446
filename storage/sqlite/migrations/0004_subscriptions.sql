-- Where digests may go beside channels, and how a subscription stands.

ALTER TABLE subscription ADD COLUMN kind TEXT NOT NULL DEFAULT 'channel';  -- channel, forum or dm
ALTER TABLE subscription ADD COLUMN mention_role_id INTEGER;             -- the role that an edition pings
ALTER TABLE subscription ADD COLUMN publish INTEGER NOT NULL DEFAULT 0;  -- to the channel's followers
ALTER TABLE subscription ADD COLUMN muted TEXT NOT NULL DEFAULT '[]';    -- JSON list of outlets' domains
ALTER TABLE subscription ADD COLUMN state TEXT NOT NULL DEFAULT 'active'; -- active, paused or blocked
ALTER TABLE subscription ADD COLUMN reason TEXT;                         -- why it is blocked
ALTER TABLE subscription ADD COLUMN told INTEGER NOT NULL DEFAULT 0;     -- its maker was told of that
ALTER TABLE subscription ADD COLUMN left_at INTEGER;                     -- when the bot left the server

DROP INDEX subscription_due;
CREATE INDEX subscription_due ON subscription (next_at) WHERE state <> 'paused' AND left_at IS NULL;
CREATE INDEX subscription_blocked ON subscription (guild_id) WHERE state = 'blocked' AND left_at IS NULL;
CREATE INDEX subscription_left ON subscription (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX subscription_maker ON subscription (created_by) WHERE kind = 'dm';

CREATE INDEX delivery_issued ON delivery (subscription_id, issue_at);

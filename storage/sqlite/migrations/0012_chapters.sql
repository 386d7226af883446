-- Stories are read in chapters, cut by more than 3 days of silence: when the newest one began, whose pick,
-- number of articles and heat the other columns hold, and the pick of the chapter that it goes on from.
ALTER TABLE story ADD COLUMN begun_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE story ADD COLUMN followed_id INTEGER;
UPDATE story SET begun_at = (
    SELECT max(published_at) FROM (
        SELECT published_at, published_at - lag(published_at) OVER (ORDER BY published_at) AS silence
        FROM article WHERE story_id = story.id AND mention_id IS NOT NULL AND published_at <= newest_at
    ) WHERE silence IS NULL OR silence > 259200
) WHERE pick_id IS NOT NULL;
UPDATE story SET pick_id = (
    SELECT article.id FROM article JOIN mention ON mention.id = article.mention_id
    JOIN provider ON provider.id = article.provider_id
    WHERE story_id = story.id AND article.published_at >= begun_at AND NOT removed
    ORDER BY article.quality DESC, article.published_at, domain, url LIMIT 1
) WHERE pick_id IS NOT NULL;
UPDATE story SET (articles, heat) = (
    SELECT count(*), max(quality) + 20 * count(*) FILTER (WHERE published_at > newest_at - 604800 AND id <> pick_id)
    FROM article WHERE story_id = story.id AND published_at >= begun_at AND mention_id IS NOT NULL AND NOT removed
) WHERE pick_id IS NOT NULL;
UPDATE story SET followed_id = (
    SELECT id FROM article WHERE story_id = story.id AND published_at < begun_at
    AND mention_id IS NOT NULL AND NOT removed
    AND quality >= (SELECT quality FROM article WHERE id = pick_id) ORDER BY published_at DESC LIMIT 1
) WHERE begun_at > first_at;

-- Since when an article carries a topic, and what its quality was until it changed: what becomes eligible
-- late still comes to a digest.
CREATE TABLE article_topic (
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    topic_id   INTEGER NOT NULL REFERENCES topic (id),
    since      INTEGER NOT NULL,
    PRIMARY KEY (article_id, topic_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO article_topic (article_id, topic_id, since)
SELECT mention.article_id, record_topic.topic_id, article.known_at FROM record
JOIN mention ON mention.id = record.mention_id JOIN article ON article.id = mention.article_id
JOIN record_topic ON record_topic.record_id = record.id;
CREATE TABLE past_quality (
    article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    until      INTEGER NOT NULL,
    quality    INTEGER NOT NULL,
    PRIMARY KEY (article_id, until)
) STRICT, WITHOUT ROWID;
CREATE INDEX past_quality_age ON past_quality (until);

-- Memory belongs to the place: which chapters a channel, thread, forum or DM was shown, by their articles.
CREATE TABLE showing (                   -- a chapter as one edition shows it
    id       INTEGER PRIMARY KEY,
    pick_id  INTEGER NOT NULL,
    quality  INTEGER NOT NULL,           -- of the pick, then
    shown_at INTEGER NOT NULL            -- the edition's issue time
) STRICT;
INSERT INTO showing (pick_id, quality, shown_at)
SELECT article_id, quality, max(coalesce(issue_at, 0)) FROM shown
LEFT JOIN delivery ON delivery.id = delivery_id GROUP BY article_id, quality;
CREATE INDEX showing_age ON showing (shown_at);
CREATE TABLE showing_article (
    article_id INTEGER NOT NULL,
    showing_id INTEGER NOT NULL REFERENCES showing (id) ON DELETE CASCADE,
    PRIMARY KEY (article_id, showing_id)
) STRICT, WITHOUT ROWID;
INSERT INTO showing_article (article_id, showing_id) SELECT pick_id, id FROM showing ORDER BY 1, 2;
CREATE INDEX showing_article_showing ON showing_article (showing_id);
CREATE TABLE place_shown (
    channel_id  INTEGER NOT NULL,
    showing_id  INTEGER NOT NULL REFERENCES showing (id),
    delivery_id INTEGER NOT NULL,        -- may be gone; ids of deliveries are never given twice
    topic_id    INTEGER NOT NULL REFERENCES topic (id),  -- of the digest that showed it
    PRIMARY KEY (channel_id, showing_id, delivery_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO place_shown (channel_id, showing_id, delivery_id, topic_id)
SELECT channel_id, showing.id, delivery_id, topic_id FROM showing_article
CROSS JOIN showing ON showing.id = showing_id
CROSS JOIN shown ON shown.article_id = showing.pick_id AND shown.quality = showing.quality
CROSS JOIN subscription ON subscription.id = subscription_id;
DROP TABLE shown;
ALTER TABLE place_shown RENAME TO shown;
CREATE INDEX shown_delivery ON shown (delivery_id);
CREATE INDEX shown_showing ON shown (showing_id);

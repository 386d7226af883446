-- Outlets are known without the www., m. or amp. of their hosts, as digests/stories/identity.py says, also
-- where they are muted.
CREATE TABLE folded (
    domain TEXT PRIMARY KEY,
    rest   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO folded SELECT domain, substr(domain, instr(domain, '.') + 1) FROM (
    SELECT domain FROM provider UNION SELECT value FROM subscription, json_each(subscription.muted)
) WHERE substr(domain, 1, instr(domain, '.')) IN ('www.', 'm.', 'amp.');
DELETE FROM folded WHERE instr(rest, '.') = 0 OR (
    substr(rest, 1, instr(rest, '.') - 1) IN ('ac', 'co', 'com', 'edu', 'gov', 'net', 'org')
    AND length(rest) = instr(rest, '.') + 2
);

CREATE TABLE same_provider (
    id      INTEGER PRIMARY KEY,
    kept_id INTEGER NOT NULL
) STRICT;
INSERT INTO same_provider SELECT id, min(id) OVER (PARTITION BY coalesce(rest, provider.domain), name)
FROM provider LEFT JOIN folded USING (domain);
DELETE FROM same_provider WHERE id = kept_id;
UPDATE mention SET provider_id = (SELECT kept_id FROM same_provider WHERE id = provider_id)
WHERE provider_id IN (SELECT id FROM same_provider);
UPDATE article SET provider_id = (SELECT kept_id FROM same_provider WHERE id = provider_id)
WHERE provider_id IN (SELECT id FROM same_provider);
DELETE FROM provider WHERE id IN (SELECT id FROM same_provider);
UPDATE provider SET domain = (SELECT rest FROM folded WHERE folded.domain = provider.domain)
WHERE domain IN (SELECT domain FROM folded);
UPDATE subscription SET muted = (
    SELECT json_group_array(domain) FROM (
        SELECT DISTINCT coalesce(rest, value) AS domain FROM json_each(subscription.muted)
        LEFT JOIN folded ON folded.domain = value ORDER BY 1
    )
) WHERE muted <> '[]';
DROP TABLE same_provider;
DROP TABLE folded;

-- The next reload reads every record anew, and so finds which articles are one though their hosts differ.
UPDATE seed_file SET mtime_ns = -1 WHERE kind = 'record';

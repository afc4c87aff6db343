-- What an entry of the feed is about: one of a request, a deployment that was made
-- elsewhere, a link.
-- The same as for SQLite, without making the table anew: whoever serves keeps the
-- rights to it.
ALTER TABLE feed
    ALTER COLUMN request_id DROP NOT NULL,
    ADD COLUMN deployment BIGINT,
    ADD COLUMN link_id TEXT;
-- What the pruning of links looks for.
CREATE INDEX feed_link ON feed (link_id) WHERE link_id IS NOT NULL;

-- What an entry of the feed is about: one of a request, a deployment that was made
-- elsewhere, a link.
-- SQLite lets a column's NOT NULL go with its table alone.
CREATE TABLE feed_anew (
    cursor     BIGINT NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    request_id TEXT REFERENCES requests (id),
    deployment BIGINT,
    link_id    TEXT
);
INSERT INTO feed_anew (cursor, at, request_id) SELECT cursor, at, request_id FROM feed;
DROP TABLE feed;
ALTER TABLE feed_anew RENAME TO feed;
CREATE INDEX feed_at ON feed (at);
CREATE INDEX feed_request ON feed (request_id);
-- What the pruning of links looks for.
CREATE INDEX feed_link ON feed (link_id) WHERE link_id IS NOT NULL;

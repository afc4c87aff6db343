-- Messages that interfaces post once, however many replicas they have. Times are
-- milliseconds since 1970, UTC, by the clock of the database.
CREATE TABLE messages (
    key      TEXT   NOT NULL PRIMARY KEY,
    -- Who posts it, until when nobody else does, and how many have claimed it.
    claimant TEXT   NOT NULL,
    until    BIGINT NOT NULL,
    claims   BIGINT NOT NULL,
    -- Where it is; empty until that is recorded.
    channel  TEXT   NOT NULL,
    ts       TEXT   NOT NULL,
    -- When it was last claimed or recorded.
    at       BIGINT NOT NULL
);
CREATE INDEX messages_at ON messages (at);

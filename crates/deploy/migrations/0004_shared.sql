-- What several processes on one journal share, and what spares GitHub a call.
-- Times are milliseconds since 1970, UTC.

-- The newest cursor of the feed, and the newest hint. Whoever raises one holds
-- its row until the end of the transaction, so that nobody sees a later number
-- before an earlier one. Each budget of creations has a row too, for its lock.
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) SELECT 'feed', COALESCE(MAX(cursor), 0) FROM feed;
INSERT INTO counters (name, value) VALUES ('hints', 0);

-- What the pruning of old entries and requests looks for.
CREATE INDEX feed_at ON feed (at);
CREATE INDEX feed_request ON feed (request_id);
CREATE INDEX requests_ended ON requests (accepted_at)
    WHERE state IN ('refused', 'succeeded', 'failed', 'cancelled');

-- Who may do something that one process alone may do, and until when by the
-- clock of the database.
CREATE TABLE leases (
    name   TEXT   NOT NULL PRIMARY KEY,
    holder TEXT   NOT NULL,
    until  BIGINT NOT NULL
);

-- When GitHub was asked for a deployment, for its limits; and the requests that
-- wait for that (granted_at is null), until when they have been told to.
CREATE TABLE creations (
    request_id  TEXT   NOT NULL PRIMARY KEY,
    budget      TEXT   NOT NULL,
    accepted_at BIGINT NOT NULL,
    granted_at  BIGINT,
    until       BIGINT
);
CREATE INDEX creations_budget ON creations (budget, granted_at);

-- Webhooks that have been received.
CREATE TABLE deliveries (
    id TEXT   NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX deliveries_at ON deliveries (at);

-- The newest hints about a repository; its name is in lower case, because GitHub
-- compares it so. All numbers are of one sequence; 0 is none.
CREATE TABLE hints (
    repository TEXT   NOT NULL PRIMARY KEY,
    -- What outdates a status, and what outdates a history.
    status     BIGINT NOT NULL,
    history    BIGINT NOT NULL,
    -- That a deployment was journaled. It outdates nothing: what was read before
    -- is brought up to date with it.
    journaled  BIGINT NOT NULL
);

-- Answers of GitHub as JSON, with the repository's newest hint from before they
-- were read. `kind` and `ask` say what was asked.
CREATE TABLE snapshots (
    repository TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    ask        TEXT   NOT NULL,
    hint       BIGINT NOT NULL,
    read_at    BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (repository, kind, ask)
);
CREATE INDEX snapshots_read_at ON snapshots (read_at);

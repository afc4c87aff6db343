-- The journal: what was asked, what has become of it, and the feed of it all.
-- The same as for SQLite, but for the feed's cursor and a function.
-- Times are milliseconds since 1970, UTC.

CREATE TABLE requests (
    id              TEXT   NOT NULL PRIMARY KEY,
    repository      TEXT   NOT NULL,
    environment     TEXT   NOT NULL,
    commit_ref      TEXT   NOT NULL,
    kind            TEXT   NOT NULL,
    requester_slack  TEXT  NOT NULL,
    requester_github TEXT  NOT NULL,
    requester_name   TEXT  NOT NULL,
    reply_channel   TEXT   NOT NULL,
    reply_thread_ts TEXT   NOT NULL,
    reply_asked_ts  TEXT   NOT NULL,
    accepted_at     BIGINT NOT NULL,
    -- One word of `progress`, for the indexes.
    state           TEXT   NOT NULL,
    -- How far it has come, as JSON; read and written as a whole.
    progress        TEXT   NOT NULL,
    message_ts      TEXT
);

-- What the workers look for; requests that have ended are not in it.
CREATE INDEX requests_unfinished ON requests (state, accepted_at, id)
    WHERE state IN ('accepted', 'creating', 'running');

-- At most one deployment runs in an environment. Names are in lower case,
-- because GitHub compares them so.
CREATE TABLE run_slots (
    repository  TEXT NOT NULL,
    environment TEXT NOT NULL,
    request_id  TEXT NOT NULL UNIQUE REFERENCES requests (id),
    PRIMARY KEY (repository, environment)
);

-- That something happened to a request, in order. A cursor is never used twice.
CREATE TABLE feed (
    cursor     BIGINT  NOT NULL PRIMARY KEY,
    at         BIGINT  NOT NULL,
    request_id TEXT    NOT NULL REFERENCES requests (id)
);

-- How far each subscriber has dealt with the feed.
CREATE TABLE subscribers (
    name   TEXT   NOT NULL PRIMARY KEY,
    cursor BIGINT NOT NULL
);

-- The texts of a JSON list as rows, under the name that SQLite has for it: one
-- statement takes a list on both.
CREATE FUNCTION json_each(list TEXT) RETURNS TABLE (value TEXT) LANGUAGE sql IMMUTABLE
    AS 'SELECT json_array_elements_text(CAST(list AS json))';

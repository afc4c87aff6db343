-- Deployments as GitHub last told of them: those of requests, and those that
-- others made. Times are milliseconds since 1970, UTC; `repository` and
-- `environment` are in lower case, because GitHub compares them so. An empty
-- text is none.
CREATE TABLE deployments (
    number      BIGINT NOT NULL PRIMARY KEY,
    node        TEXT   NOT NULL,
    repository  TEXT   NOT NULL,
    -- The repository as GitHub spells it.
    name        TEXT   NOT NULL,
    environment TEXT   NOT NULL,
    sha         TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    -- The request that it says it carries out, whether the journal has it or not.
    request_id  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    -- How many statuses it had, and when it was read.
    steps       BIGINT NOT NULL,
    read_at     BIGINT NOT NULL,
    -- Since when it is followed although no request asked for it; 0: it is not.
    adopted_at  BIGINT NOT NULL,
    -- Why it ended without success, for people.
    outcome     TEXT   NOT NULL,
    -- The whole of it, as JSON; read and written as a whole.
    body        TEXT   NOT NULL,
    -- The newest hint that it was journaled by; 0: none.
    hint        BIGINT NOT NULL DEFAULT 0
);

-- What answers are brought up to date with.
CREATE INDEX deployments_hint ON deployments (repository, hint);

-- What the history of a repository is read by.
CREATE INDEX deployments_history ON deployments (repository, environment, created_at, number);

-- Those of others that are followed; what has ended is not in it.
CREATE INDEX deployments_followed ON deployments (adopted_at, number)
    WHERE adopted_at > 0 AND state IN ('pending', 'running', 'unknown') AND outcome = '';

-- How far a rebuild of the journal has come, per repository; nothing when none
-- is under way. `page` is GitHub's cursor of the last page that was written.
CREATE TABLE rebuilds (
    repository  TEXT   NOT NULL PRIMARY KEY,
    page        TEXT   NOT NULL,
    deployments BIGINT NOT NULL,
    begun_at    BIGINT NOT NULL,
    is_done     BIGINT NOT NULL
);

-- Deployments that webhooks told of and that nobody here follows, until they
-- have been looked at. `name` is the repository as GitHub spells it.
CREATE TABLE heard (
    number BIGINT NOT NULL PRIMARY KEY,
    node   TEXT   NOT NULL,
    name   TEXT   NOT NULL
);

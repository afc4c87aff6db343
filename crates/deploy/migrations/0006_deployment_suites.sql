-- The check suites of workflows that carry out deployments, by GitHub's id, and
-- when one was last told of: what their checks come to is no news about a commit.
-- Times are milliseconds since 1970, UTC.
CREATE TABLE deployment_suites (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX deployment_suites_at ON deployment_suites (at);

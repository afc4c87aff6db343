-- Who follows what, and who is who. Times are milliseconds since 1970, UTC.

-- The channels that follow an environment because somebody asked for it there.
-- Names are in lower case, because GitHub compares them so; those beside them are
-- as GitHub spells them.
CREATE TABLE subscriptions (
    channel          TEXT   NOT NULL,
    repository       TEXT   NOT NULL,
    environment      TEXT   NOT NULL,
    repository_name  TEXT   NOT NULL,
    environment_name TEXT   NOT NULL,
    -- Words of moments, with a space between them.
    moments          TEXT   NOT NULL,
    requester_slack  TEXT   NOT NULL,
    requester_name   TEXT   NOT NULL,
    at               BIGINT NOT NULL,
    PRIMARY KEY (channel, repository, environment)
);
CREATE INDEX subscriptions_environment ON subscriptions (repository, environment);
-- Locked by whoever adds one: there is a most of them.
INSERT INTO counters (name, value) VALUES ('subscriptions', 0);

-- The channel that a repository's own file names for an environment, as it was
-- read last.
CREATE TABLE repository_channels (
    repository       TEXT NOT NULL,
    environment      TEXT NOT NULL,
    repository_name  TEXT NOT NULL,
    environment_name TEXT NOT NULL,
    channel          TEXT NOT NULL,
    PRIMARY KEY (repository, environment)
);
CREATE INDEX repository_channels_channel ON repository_channels (channel);

-- What is known of people, by Slack user id. `login` is the GitHub account that
-- they proved to have; empty: none.
CREATE TABLE people (
    slack     TEXT   NOT NULL PRIMARY KEY,
    login     TEXT   NOT NULL,
    linked_at BIGINT NOT NULL,
    muted     BIGINT NOT NULL
);
-- Logins are compared in lower case, as GitHub does.
CREATE UNIQUE INDEX people_login ON people (lower(login)) WHERE login <> '';
-- Locked by whoever gives an account to a person: it is taken from another first.
INSERT INTO counters (name, value) VALUES ('accounts', 0);

-- Links: those that are under way, and for a while those that have ended.
CREATE TABLE links (
    id               TEXT   NOT NULL PRIMARY KEY,
    slack            TEXT   NOT NULL,
    name             TEXT   NOT NULL,
    login            TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    -- What GitHub is asked with; empty when the link has ended.
    device_code      TEXT   NOT NULL,
    user_code        TEXT   NOT NULL,
    verification_url TEXT   NOT NULL,
    -- How long to wait between two questions, as GitHub says, and when to ask next.
    interval_ms      BIGINT NOT NULL,
    next_at          BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    proved_login     TEXT   NOT NULL,
    reply_channel    TEXT   NOT NULL,
    reply_thread_ts  TEXT   NOT NULL,
    reply_asked_ts   TEXT   NOT NULL,
    at               BIGINT NOT NULL
);
CREATE INDEX links_under_way ON links (next_at) WHERE state = 'waiting';
CREATE INDEX links_slack ON links (slack);

-- What somebody's repositories are read by, and those of everybody.
CREATE INDEX requests_requester ON requests (requester_slack, accepted_at);
CREATE INDEX requests_accepted ON requests (accepted_at);

-- Why a deployment ended without success, as JSON: what `outcome` says as a
-- sentence. Empty where there is no more than the sentence, or none.
ALTER TABLE deployments ADD COLUMN why TEXT NOT NULL DEFAULT '';

-- Changes of what people and channels want, and which account somebody has. Times
-- are milliseconds since 1970, UTC.

-- Changes that were made, each once by the caller's id, with the answer that a
-- repeat gets.
CREATE TABLE changes (
    id       TEXT   NOT NULL PRIMARY KEY,
    -- What it is about: one of these is changed after the other.
    subject  TEXT   NOT NULL,
    -- What was asked for.
    wish     TEXT   NOT NULL,
    -- JSON; empty until the transaction ends that makes the change.
    answer   TEXT   NOT NULL,
    -- When it was asked for, by which the later of two holds.
    asked_at BIGINT NOT NULL,
    at       BIGINT NOT NULL
);
CREATE INDEX changes_subject ON changes (subject, asked_at);
CREATE INDEX changes_at ON changes (at);

-- When what there is was asked for last; 0: by an earlier version, before all else.
ALTER TABLE subscriptions ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN link_asked_at BIGINT NOT NULL DEFAULT 0;

-- GitHub's number of an account, which is one person's for good; a login can be
-- changed and become another's. 0: not known.
ALTER TABLE links ADD COLUMN proved_account BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN account BIGINT NOT NULL DEFAULT 0;
DROP INDEX people_login;
CREATE INDEX people_login ON people (lower(login)) WHERE login <> '';
CREATE UNIQUE INDEX people_account ON people (account) WHERE account <> 0;

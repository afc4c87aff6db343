-- The entry of the feed with which a run slot was last freed. Facts that were
-- read before it do not know what went out in between. Names as in run_slots.
CREATE TABLE freed_slots (
    repository  TEXT   NOT NULL,
    environment TEXT   NOT NULL,
    cursor      BIGINT NOT NULL,
    PRIMARY KEY (repository, environment)
);

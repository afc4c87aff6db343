-- What is to be live for a request to go out: a commit, or empty for nothing; NULL
-- where that does not matter.
ALTER TABLE requests ADD COLUMN expected_live TEXT;

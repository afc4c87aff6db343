-- Why an accepted request has not gone on yet, as JSON; null when it goes on.
ALTER TABLE requests ADD COLUMN waiting TEXT;

-- The factors that the user proved, each with its time. NULL in a row that is older than this
-- column: the password, at auth_time.
ALTER TABLE sessions ADD COLUMN evidence TEXT;
ALTER TABLE grants ADD COLUMN evidence TEXT;
ALTER TABLE device_requests ADD COLUMN evidence TEXT;

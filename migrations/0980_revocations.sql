-- Incremented whenever a session of the user ends or a consent changes. A code that was decided on
-- before is not inserted: one row says whether anything was taken back since.
ALTER TABLE users ADD COLUMN revocations BIGINT NOT NULL DEFAULT 0;

-- Authenticates an event until it is in the audit log.
ALTER TABLE audit_events ADD COLUMN mac BLOB NOT NULL DEFAULT '';

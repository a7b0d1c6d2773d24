-- The id of a scope: one that is deleted and created again is a different scope. NULL if it is
-- older than this column.
ALTER TABLE scopes ADD COLUMN id BLOB;
-- Single claims that were allowed without their scope, separated by spaces.
ALTER TABLE consents ADD COLUMN claims TEXT NOT NULL DEFAULT '';
-- What was disclosed about each granted scope, as JSON.
ALTER TABLE consents ADD COLUMN disclosed TEXT NOT NULL DEFAULT '{}';
-- How long a device was allowed.
ALTER TABLE device_requests ADD COLUMN duration TEXT;
CREATE INDEX device_requests_by_user ON device_requests (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX authorization_requests_by_decision ON authorization_requests (decided_by)
    WHERE decided_by IS NOT NULL;

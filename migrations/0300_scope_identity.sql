-- Which scopes of these names were allowed: their ids, separated by spaces. NULL: allowed before
-- scopes had identities.
ALTER TABLE grants ADD COLUMN scope_ids TEXT;
ALTER TABLE authorization_requests ADD COLUMN scope_ids TEXT;
ALTER TABLE device_requests ADD COLUMN scope_ids TEXT;

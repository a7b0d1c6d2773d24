-- The `sid` of the session that a grant ends with. NULL if it outlives every session.
ALTER TABLE grants ADD COLUMN bound_to BLOB;
-- The client that the session is for (a device or a native app). NULL for a browser session.
ALTER TABLE sessions ADD COLUMN client_id TEXT REFERENCES clients (id) ON DELETE CASCADE;
CREATE INDEX sessions_sid ON sessions (sid);
CREATE INDEX sessions_client ON sessions (client_id);

-- The format of the access tokens of a resource server. NULL means the server setting.
ALTER TABLE resource_servers ADD COLUMN token_typ TEXT;
ALTER TABLE resource_servers ADD COLUMN token_alg TEXT;
ALTER TABLE resource_servers ADD COLUMN token_lifetime BIGINT;

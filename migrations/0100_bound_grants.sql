-- The `sid` of the session that a grant ends with; none: it outlives every session.
ALTER TABLE grants ADD COLUMN bound_to BLOB;
-- The client whose own session it is (a device, a native app); none: a browser's.
ALTER TABLE sessions ADD COLUMN client_id TEXT REFERENCES clients (id) ON DELETE CASCADE;
CREATE INDEX sessions_sid ON sessions (sid);
CREATE INDEX sessions_client ON sessions (client_id);

-- How the access tokens of a resource server look; none: as the server's settings say.
ALTER TABLE resource_servers ADD COLUMN token_typ TEXT;
ALTER TABLE resource_servers ADD COLUMN token_alg TEXT;
ALTER TABLE resource_servers ADD COLUMN token_lifetime BIGINT;

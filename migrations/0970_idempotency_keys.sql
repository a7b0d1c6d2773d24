-- First responses to requests of the administration API that have an Idempotency-Key.
CREATE TABLE idempotency_keys (
    -- SHA-256 of the client and its key.
    id          BLOB   PRIMARY KEY NOT NULL,
    client_id   TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    -- SHA-256 of the request.
    fingerprint BLOB   NOT NULL,
    -- The response, sealed with a shared secret: it may contain a secret that is shown once.
    sealed      BLOB   NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_client ON idempotency_keys (client_id, expires_at);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

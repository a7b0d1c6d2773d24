-- Authorization requests that clients pushed (RFC 9126): visited by a browser, and used up by an answer.
CREATE TABLE pushed_requests (
    id          BYTEA   NOT NULL PRIMARY KEY,
    secret_hash BYTEA   NOT NULL,
    client_id   TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    parameters  TEXT   NOT NULL,
    visit_until BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX pushed_requests_client ON pushed_requests (client_id);
CREATE INDEX pushed_requests_expires ON pushed_requests (expires_at);

-- The pushed request that a pending one is a visit of.
ALTER TABLE authorization_requests ADD COLUMN pushed_id BYTEA;

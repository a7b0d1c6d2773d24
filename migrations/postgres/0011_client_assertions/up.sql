-- The `jti` of every client assertion that was accepted (RFC 7523 §3), until it would have expired anyway.
CREATE TABLE client_assertions (
    client_id  TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    jti        TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, jti)
);
CREATE INDEX client_assertions_expires ON client_assertions (expires_at);

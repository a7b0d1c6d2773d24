-- What devices ask for (RFC 8628), until they have fetched the answer.
CREATE TABLE device_requests (
    id           BLOB   NOT NULL PRIMARY KEY,
    secret_hash  BLOB   NOT NULL,
    -- What a person types: it names the request, and decides nothing by itself.
    user_code    TEXT   NOT NULL UNIQUE,
    client_id    TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    scope        TEXT   NOT NULL,
    audience     TEXT   NOT NULL,
    network      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    -- Seconds between two polls, and when the next one may come.
    poll_seconds BIGINT NOT NULL,
    next_poll_at BIGINT NOT NULL,
    -- The answer: whose, in which session, and what they granted (nothing: denied).
    user_id      BLOB   REFERENCES users (id) ON DELETE CASCADE,
    session_id   BLOB,
    auth_time    BIGINT,
    granted      TEXT
) WITHOUT ROWID;
CREATE INDEX device_requests_client ON device_requests (client_id);
CREATE INDEX device_requests_user ON device_requests (user_id);
CREATE INDEX device_requests_expires ON device_requests (expires_at);

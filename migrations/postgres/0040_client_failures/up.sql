-- The last refusals that each client met, for its owner: what was expected and what came.
CREATE TABLE client_failures (
    id                BYTEA   NOT NULL PRIMARY KEY,
    client_id         TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    created_at        BIGINT  NOT NULL,
    endpoint          TEXT    NOT NULL,
    error             TEXT    NOT NULL,
    cause             TEXT    NOT NULL,
    error_description TEXT    NOT NULL,
    detail            TEXT    NOT NULL,
    expected          TEXT,
    actual              TEXT
);
CREATE INDEX client_failures_client ON client_failures (client_id, id);
CREATE INDEX client_failures_created ON client_failures (created_at);

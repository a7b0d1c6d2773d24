-- Apps that have to be told that a session ended (OpenID Connect Back-Channel Logout), and how that went.
CREATE TABLE logout_deliveries (
    id              BYTEA   NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    user_id         BYTEA   NOT NULL,
    sid             BYTEA   NOT NULL,
    created_at      BIGINT  NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at BIGINT,
    last_outcome    TEXT,
    delivered_at    BIGINT
);
CREATE INDEX logout_deliveries_client ON logout_deliveries (client_id, id);
CREATE INDEX logout_deliveries_due ON logout_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX logout_deliveries_created ON logout_deliveries (created_at);

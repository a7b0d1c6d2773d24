-- What a person decided on a consent page, and what it said: kept for as long as the account.
CREATE TABLE decisions (
    id         BLOB   NOT NULL PRIMARY KEY,
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id  TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    shown      TEXT   NOT NULL,
    network    TEXT   NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX decisions_user_client ON decisions (user_id, client_id);
CREATE INDEX decisions_client ON decisions (client_id);

-- What happened to an account, for the person's own eyes.
CREATE TABLE security_events (
    id         BLOB   NOT NULL PRIMARY KEY,
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind       TEXT   NOT NULL,
    client_id  TEXT,
    network    TEXT   NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX security_events_user ON security_events (user_id, id);
CREATE INDEX security_events_created ON security_events (created_at);

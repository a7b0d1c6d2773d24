-- Times are seconds since the epoch; ids are 16 bytes (UUIDv7 where rows are many, so that keys arrive in order);
-- secrets are kept as hashes only.

CREATE TABLE revision (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT  NOT NULL
);
INSERT INTO revision (id, number) VALUES (1, 1);

CREATE TABLE leases (
    name       TEXT   NOT NULL PRIMARY KEY,
    holder     BLOB   NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE keys (
    kid          TEXT   NOT NULL PRIMARY KEY,
    alg          TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('next', 'active', 'retired')),
    sealed       BLOB   NOT NULL,
    public_jwk   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    activated_at BIGINT,
    retired_at   BIGINT
);
-- One key of an algorithm signs, and one waits: the database says so, whatever nodes race for.
CREATE UNIQUE INDEX keys_one_in_state ON keys (alg, state) WHERE state IN ('next', 'active');

CREATE TABLE users (
    id             BLOB    NOT NULL PRIMARY KEY,
    username       TEXT    NOT NULL UNIQUE,
    email          TEXT    UNIQUE,
    email_verified BOOLEAN NOT NULL DEFAULT FALSE,
    claims         TEXT    NOT NULL,
    password_hash  TEXT,
    disabled_at    BIGINT,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL
) WITHOUT ROWID;

CREATE TABLE clients (
    id         TEXT   NOT NULL PRIMARY KEY,
    metadata   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Browser origins that may call us for a client (CORS): derived from its metadata.
CREATE TABLE client_origins (
    client_id TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    origin    TEXT NOT NULL,
    PRIMARY KEY (client_id, origin)
) WITHOUT ROWID;

CREATE TABLE client_secrets (
    id         BLOB   NOT NULL PRIMARY KEY,
    client_id  TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    hash       BLOB   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX client_secrets_client ON client_secrets (client_id);

CREATE TABLE resource_servers (
    id          TEXT   NOT NULL PRIMARY KEY,
    audience    TEXT   NOT NULL UNIQUE,
    names       TEXT   NOT NULL,
    secret_hash BLOB,
    created_at  BIGINT NOT NULL
);

CREATE TABLE scopes (
    name               TEXT   NOT NULL PRIMARY KEY,
    resource_server_id TEXT   NOT NULL REFERENCES resource_servers (id) ON DELETE CASCADE,
    texts              TEXT   NOT NULL,
    risk               TEXT   NOT NULL,
    created_at         BIGINT NOT NULL
);
CREATE INDEX scopes_resource_server ON scopes (resource_server_id);

CREATE TABLE sessions (
    id           BLOB   NOT NULL PRIMARY KEY,
    secret_hash  BLOB   NOT NULL,
    user_id      BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    auth_time    BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    user_agent   TEXT   NOT NULL,
    network      TEXT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE authorization_requests (
    id             BLOB   NOT NULL PRIMARY KEY,
    secret_hash    BLOB   NOT NULL,
    client_id      TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    parameters     TEXT   NOT NULL,
    session_before BLOB,
    decided_by     BLOB,
    granted        TEXT,
    duration       TEXT,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX authorization_requests_client ON authorization_requests (client_id);
CREATE INDEX authorization_requests_expires ON authorization_requests (expires_at);

CREATE TABLE consents (
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id  TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    granted    TEXT   NOT NULL,
    declined   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (user_id, client_id)
) WITHOUT ROWID;
CREATE INDEX consents_client ON consents (client_id);

-- What a person gave an app, from the authorization code to the last refresh: one row, one id.
CREATE TABLE grants (
    id              BLOB    NOT NULL PRIMARY KEY,
    user_id         BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id       TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    session_id      BLOB    NOT NULL,
    scope           TEXT    NOT NULL,
    audience        TEXT    NOT NULL,
    auth_time       BIGINT  NOT NULL,
    created_at      BIGINT  NOT NULL,
    code_hash       BLOB    NOT NULL,
    code_expires_at BIGINT  NOT NULL,
    redirect_uri    TEXT,
    code_challenge  TEXT,
    nonce           TEXT,
    redeemed_at     BIGINT,
    last_used_at    BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    ends_at         BIGINT,
    revoked_at      BIGINT,
    generation      INTEGER NOT NULL DEFAULT 0,
    predecessor     INTEGER NOT NULL DEFAULT 0,
    rotated_at      BIGINT  NOT NULL DEFAULT 0,
    replays         INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX grants_user_client ON grants (user_id, client_id);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_expires ON grants (expires_at);

CREATE TABLE revoked_access_tokens (
    jti        TEXT   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX revoked_access_tokens_expires ON revoked_access_tokens (expires_at);

-- A generic cell rate limiter: one number a key, the theoretical arrival time of the next attempt.
CREATE TABLE throttle (
    key        BLOB   NOT NULL PRIMARY KEY,
    next_at    BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX throttle_next ON throttle (next_at);

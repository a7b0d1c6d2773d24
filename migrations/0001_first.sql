-- Times are seconds since the epoch. Ids are 16 bytes, UUIDv7 where rows are many, so that keys
-- arrive in order. Secrets are stored as hashes only.

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
-- At most one active and one next key per algorithm, even if nodes race.
CREATE UNIQUE INDEX keys_one_in_state ON keys (alg, state) WHERE state IN ('next', 'active');

CREATE TABLE users (
    id             BLOB    NOT NULL PRIMARY KEY,
    username       TEXT    NOT NULL UNIQUE,
    email          TEXT,
    email_verified BOOLEAN NOT NULL DEFAULT FALSE,
    claims         TEXT    NOT NULL,
    password_hash  TEXT,
    disabled_at    BIGINT,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    -- Incremented whenever all sessions end. A sign-in that started earlier then creates no session.
    session_epoch  BIGINT  NOT NULL DEFAULT 0
) WITHOUT ROWID;
-- Only a verified address can be used to sign in, so only that one is unique.
CREATE UNIQUE INDEX users_verified_email ON users (email) WHERE email_verified;

CREATE TABLE clients (
    id         TEXT    NOT NULL PRIMARY KEY,
    metadata   TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    -- How it was registered, and whether an administrator approved it.
    origin     TEXT    NOT NULL DEFAULT 'administrator',
    approved   BOOLEAN NOT NULL DEFAULT TRUE
);

-- Clients that no administrator registered: their token, the network whose quota they count in, and
-- their last use.
CREATE TABLE client_registrations (
    client_id    TEXT   NOT NULL PRIMARY KEY REFERENCES clients (id) ON DELETE CASCADE,
    token_hash   BLOB,
    network      TEXT   NOT NULL,
    last_used_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX client_registrations_network ON client_registrations (network);
CREATE INDEX client_registrations_last_used ON client_registrations (last_used_at);

-- Initial access tokens (RFC 7591 section 3), each for a limited number of registrations.
CREATE TABLE initial_access_tokens (
    id          BLOB    NOT NULL PRIMARY KEY,
    secret_hash BLOB    NOT NULL,
    uses_left   INTEGER NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL
) WITHOUT ROWID;
CREATE INDEX initial_access_tokens_expires ON initial_access_tokens (expires_at);

-- Logos that an administrator approved. Pages load them from the server, by their hash.
CREATE TABLE client_logos (
    client_id  TEXT NOT NULL PRIMARY KEY REFERENCES clients (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    image      BLOB NOT NULL
);
CREATE INDEX client_logos_hash ON client_logos (hash);

-- The `jti` of every accepted client assertion (RFC 7523 §3), until the assertion expires.
CREATE TABLE client_assertions (
    client_id  TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    jti        TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, jti)
) WITHOUT ROWID;
CREATE INDEX client_assertions_expires ON client_assertions (expires_at);

-- The latest refusals of each client, for its developer: expected and actual values.
CREATE TABLE client_failures (
    id                BLOB    NOT NULL PRIMARY KEY,
    client_id         TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    created_at        BIGINT  NOT NULL,
    endpoint          TEXT    NOT NULL,
    error             TEXT    NOT NULL,
    cause             TEXT    NOT NULL,
    error_description TEXT    NOT NULL,
    detail            TEXT    NOT NULL,
    expected          TEXT,
    actual            TEXT
) WITHOUT ROWID;
CREATE INDEX client_failures_client ON client_failures (client_id, id);
CREATE INDEX client_failures_created ON client_failures (created_at);

-- Browser origins that may call the server for a client (CORS), derived from its metadata.
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
    network      TEXT   NOT NULL,
    -- The session's `sid` in ID tokens. It survives a new sign-in by the same user.
    sid          BLOB   NOT NULL
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
    expires_at     BIGINT NOT NULL,
    -- The pushed request, if it was pushed.
    pushed_id      BLOB
) WITHOUT ROWID;
CREATE INDEX authorization_requests_client ON authorization_requests (client_id);
CREATE INDEX authorization_requests_expires ON authorization_requests (expires_at);

-- Pushed authorization requests (RFC 9126): opened by a browser, used up when they complete.
CREATE TABLE pushed_requests (
    id          BLOB   NOT NULL PRIMARY KEY,
    secret_hash BLOB   NOT NULL,
    client_id   TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    parameters  TEXT   NOT NULL,
    visit_until BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX pushed_requests_client ON pushed_requests (client_id);
CREATE INDEX pushed_requests_expires ON pushed_requests (expires_at);

-- Device authorization requests (RFC 8628), until the device has redeemed its code.
CREATE TABLE device_requests (
    id           BLOB   NOT NULL PRIMARY KEY,
    secret_hash  BLOB   NOT NULL,
    -- The user code: it identifies the request and grants nothing by itself.
    user_code    TEXT   NOT NULL UNIQUE,
    client_id    TEXT   NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    scope        TEXT   NOT NULL,
    audience     TEXT   NOT NULL,
    network      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    -- Seconds between two polls, and the earliest time of the next one.
    poll_seconds BIGINT NOT NULL,
    next_poll_at BIGINT NOT NULL,
    -- The decision: the user, the session, and the granted scopes (empty if denied).
    user_id      BLOB   REFERENCES users (id) ON DELETE CASCADE,
    session_id   BLOB,
    auth_time    BIGINT,
    granted      TEXT
) WITHOUT ROWID;
CREATE INDEX device_requests_client ON device_requests (client_id);
CREATE INDEX device_requests_user ON device_requests (user_id);
CREATE INDEX device_requests_expires ON device_requests (expires_at);

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

-- Decisions on consent pages, with what the page showed. Kept as long as the account.
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

-- What a user granted a client, from the authorization code to the last refresh: one row, one id.
CREATE TABLE grants (
    id                BLOB    NOT NULL PRIMARY KEY,
    user_id           BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id         TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    session_id        BLOB    NOT NULL,
    scope             TEXT    NOT NULL,
    audience          TEXT    NOT NULL,
    auth_time         BIGINT  NOT NULL,
    created_at        BIGINT  NOT NULL,
    code_hash         BLOB    NOT NULL,
    code_expires_at   BIGINT  NOT NULL,
    redirect_uri      TEXT,
    code_challenge    TEXT,
    nonce             TEXT,
    redeemed_at       BIGINT,
    last_used_at      BIGINT  NOT NULL,
    expires_at        BIGINT  NOT NULL,
    ends_at           BIGINT,
    revoked_at        BIGINT,
    generation        INTEGER NOT NULL DEFAULT 0,
    predecessor       INTEGER NOT NULL DEFAULT 0,
    rotated_at        BIGINT  NOT NULL DEFAULT 0,
    replays           INTEGER NOT NULL DEFAULT 0,
    -- Single claims that the user granted, as JSON (OpenID Connect Core §5.5).
    claims            TEXT,
    -- The network of the last token request: an IPv4 address or IPv6 /64. Empty before the first one.
    last_used_network TEXT    NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX grants_user_client ON grants (user_id, client_id);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_expires ON grants (expires_at);

CREATE TABLE revoked_access_tokens (
    jti        TEXT   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX revoked_access_tokens_expires ON revoked_access_tokens (expires_at);

-- Leaky buckets: a debt in milliseconds, when it was counted, and when it is paid off.
CREATE TABLE throttle (
    key        BLOB   NOT NULL PRIMARY KEY,
    debt       BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    empty_at   BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX throttle_empty ON throttle (empty_at);

-- Security events of an account, for its user. Failed attempts from one network share one row per
-- day, so that guessing passwords does not fill the table.
CREATE TABLE security_events (
    id         BLOB   NOT NULL PRIMARY KEY,
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind       TEXT   NOT NULL,
    client_id  TEXT,
    network    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    count      BIGINT NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE INDEX security_events_user ON security_events (user_id, id);
CREATE INDEX security_events_created ON security_events (created_at);

-- Logout tokens to deliver (OpenID Connect Back-Channel Logout), with the result.
CREATE TABLE logout_deliveries (
    id              BLOB    NOT NULL PRIMARY KEY,
    client_id       TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    user_id         BLOB    NOT NULL,
    sid             BLOB    NOT NULL,
    created_at      BIGINT  NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at BIGINT,
    last_outcome    TEXT,
    delivered_at    BIGINT
) WITHOUT ROWID;
CREATE INDEX logout_deliveries_client ON logout_deliveries (client_id, id);
CREATE INDEX logout_deliveries_due ON logout_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX logout_deliveries_created ON logout_deliveries (created_at);

-- How another provider calls the user: an address or a name.
ALTER TABLE linked_subjects ADD COLUMN account TEXT;
-- When the user last signed in with it.
ALTER TABLE linked_subjects ADD COLUMN last_used_at BIGINT;

-- Sign-ins at another provider that have not returned yet. The id and its secret are the state of
-- the authorization request. The nonce and the code verifier are derived from them.
CREATE TABLE upstream_attempts (
    id          BLOB   NOT NULL PRIMARY KEY,
    secret_hash BLOB   NOT NULL,
    -- SHA-256 of the cookie of the browser.
    browser     BLOB   NOT NULL,
    -- The id of the provider in the configuration.
    provider    TEXT   NOT NULL,
    -- The session whose user links the provider. NULL if it is a sign-in.
    session_id  BLOB,
    -- The user must authenticate there at this time or later. NULL if it does not matter.
    since       BIGINT,
    -- The authorization request or account page that waits for the sign-in.
    request     TEXT   NOT NULL,
    return_to   TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX upstream_attempts_expiry ON upstream_attempts (expires_at);

-- Users of other providers who have signed in there and are not linked to a user yet.
CREATE TABLE unlinked_identities (
    id             BLOB    NOT NULL PRIMARY KEY,
    secret_hash    BLOB    NOT NULL,
    browser        BLOB    NOT NULL,
    provider       TEXT    NOT NULL,
    issuer         TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    sid            TEXT,
    evidence       TEXT    NOT NULL,
    name           TEXT,
    email          TEXT,
    email_verified BOOLEAN NOT NULL,
    request        TEXT    NOT NULL,
    return_to      TEXT    NOT NULL,
    created_at     BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL
) WITHOUT ROWID;
CREATE INDEX unlinked_identities_expiry ON unlinked_identities (expires_at);

-- The sign-in at another provider with which a session began.
CREATE TABLE upstream_sessions (
    session_id BLOB NOT NULL PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    -- The session there.
    sid        TEXT
) WITHOUT ROWID;
CREATE INDEX upstream_sessions_subject ON upstream_sessions (issuer, subject);

-- Users who have removed a link, or taken the account back: their address alone links no more,
-- until they link a provider themselves.
CREATE TABLE email_link_refusals (
    user_id    BLOB   NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;

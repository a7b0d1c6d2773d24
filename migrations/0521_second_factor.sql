-- The authenticator app of a user. The secret is sealed under the master key.
CREATE TABLE totp_factors (
    user_id    BLOB   PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Another one for each set-up.
    id         BLOB   NOT NULL,
    sealed     BLOB   NOT NULL,
    -- The last time step whose code was used (RFC 6238 §5.2).
    last_step  BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Unused recovery codes. Using one deletes it.
CREATE TABLE recovery_codes (
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash       BLOB   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, hash)
) WITHOUT ROWID;

-- Browsers that sign in without the second factor.
CREATE TABLE trusted_browsers (
    id          BLOB   PRIMARY KEY NOT NULL,
    secret_hash BLOB   NOT NULL,
    user_id     BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent  TEXT   NOT NULL,
    network     TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX trusted_browsers_user ON trusted_browsers (user_id);
CREATE INDEX trusted_browsers_expiry ON trusted_browsers (expires_at);

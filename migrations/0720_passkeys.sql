-- Passkeys of users (Web Authentication). They open nothing: they have the public key only.
CREATE TABLE passkeys (
    id              BLOB    PRIMARY KEY NOT NULL,
    user_id         BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id   BLOB    NOT NULL UNIQUE,
    -- The credential as the library writes it, in JSON: the public key, the signature counter.
    credential      TEXT    NOT NULL,
    aaguid          BLOB    NOT NULL,
    name            TEXT    NOT NULL,
    backup_eligible BOOLEAN NOT NULL,
    backed_up       BOOLEAN NOT NULL,
    -- Since the account was taken back, until its user has chosen a new password.
    suspended       BOOLEAN NOT NULL,
    created_at      BIGINT  NOT NULL,
    last_used_at    BIGINT
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- Challenges that passkeys have answered. A page that was only shown has none.
CREATE TABLE used_challenges (
    id         BLOB   NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX used_challenges_expiry ON used_challenges (expires_at);

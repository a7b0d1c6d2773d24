-- When a user without a passkey was last offered one after a sign-in with the password.
CREATE TABLE passkey_offers (
    user_id    BLOB   NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    offered_at BIGINT NOT NULL
) WITHOUT ROWID;

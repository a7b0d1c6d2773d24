-- Addresses that users entered and have not confirmed. The token of a link and the six digits are
-- derived from the id, so no row holds them. A user has at most one such address.
CREATE TABLE email_verifications (
    id            BLOB   NOT NULL PRIMARY KEY,
    user_id       BLOB   NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    address       TEXT   NOT NULL,
    -- The address of the user at that time. Another change voids the confirmation.
    previous      TEXT,
    -- The session epoch of the user at that time. A change of the password voids the confirmation.
    session_epoch BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX email_verifications_expiry ON email_verifications (expires_at);

-- Mails about changes of an account. With the link of one, its reader takes the account back.
CREATE TABLE notices (
    id         BLOB   NOT NULL PRIMARY KEY,
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind       TEXT   NOT NULL,
    -- The address that it was sent to.
    recipient  TEXT   NOT NULL,
    network    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- When the link was used, or a link of an earlier notice voided it.
    used_at    BIGINT
) WITHOUT ROWID;
CREATE INDEX notices_user ON notices (user_id);
CREATE INDEX notices_expiry ON notices (expires_at);

-- Accounts that are to be created once their address is confirmed. The token of a link and the six
-- digits are derived from the id, so no row holds them.
CREATE TABLE sign_ups (
    id            BLOB   NOT NULL PRIMARY KEY,
    address       TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    -- The BCP 47 tag of the language of the page.
    language      TEXT   NOT NULL,
    -- The authorization request or account page that waits for the sign-in.
    request       TEXT   NOT NULL,
    again         TEXT   NOT NULL,
    return_to     TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_ups_expiry ON sign_ups (expires_at);

-- Addresses that an administrator has invited to create an account.
CREATE TABLE invitations (
    id         BLOB   NOT NULL PRIMARY KEY,
    address    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- When the account was created.
    used_at    BIGINT
) WITHOUT ROWID;
CREATE INDEX invitations_expiry ON invitations (expires_at);

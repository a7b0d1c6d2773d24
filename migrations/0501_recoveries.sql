-- Links to choose a new password. The token of a link is derived from its id, so no row holds it.
CREATE TABLE recoveries (
    id            BLOB   NOT NULL PRIMARY KEY,
    user_id       BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The session epoch of the user when the link was made. A change of the password voids it.
    session_epoch BIGINT NOT NULL,
    -- The address that the link was sent to. Another address of the user voids it. NULL if an operator
    -- made it.
    recipient     TEXT,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    used_at       BIGINT,
    -- The authorization request that waits for a sign-in, and the data to restart it.
    request       TEXT   NOT NULL,
    again         TEXT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX recoveries_user ON recoveries (user_id);
CREATE INDEX recoveries_expiry ON recoveries (expires_at);

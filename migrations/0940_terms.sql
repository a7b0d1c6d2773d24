-- The versions of the terms that users have accepted. Old ones stay, so that it can be shown when.
CREATE TABLE accepted_terms (
    user_id     BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    version     TEXT   NOT NULL,
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, version)
) WITHOUT ROWID;

-- The version that was accepted with the entry. NULL if there were none.
ALTER TABLE sign_ups ADD COLUMN terms TEXT;

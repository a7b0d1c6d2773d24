-- The identity provider whose assertion a grant follows, instead of the user's consent.
ALTER TABLE grants ADD COLUMN asserted_by TEXT;

-- The users of other issuers that are users of this server.
CREATE TABLE linked_subjects (
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;
CREATE INDEX linked_subjects_user ON linked_subjects (user_id);

-- Secrets that every node shares besides the signing keys, sealed under the master key: they stay when
-- the master key is rotated.
CREATE TABLE shared_secrets (
    purpose TEXT NOT NULL PRIMARY KEY,
    sealed  BLOB NOT NULL
) WITHOUT ROWID;

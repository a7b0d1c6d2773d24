-- Where a client comes from, and whether an administrator stands for it.
ALTER TABLE clients ADD COLUMN origin TEXT NOT NULL DEFAULT 'administrator';
ALTER TABLE clients ADD COLUMN approved BOOLEAN NOT NULL DEFAULT TRUE;

-- Clients that no administrator registered: who may change them, whose quota they count in, and whether they are still used.
CREATE TABLE client_registrations (
    client_id    TEXT   NOT NULL PRIMARY KEY REFERENCES clients (id) ON DELETE CASCADE,
    token_hash   BLOB,
    network      TEXT   NOT NULL,
    last_used_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX client_registrations_network ON client_registrations (network);
CREATE INDEX client_registrations_last_used ON client_registrations (last_used_at);

-- Initial access tokens (RFC 7591 section 3): each lets so many clients register.
CREATE TABLE initial_access_tokens (
    id          BLOB  NOT NULL PRIMARY KEY,
    secret_hash BLOB  NOT NULL,
    uses_left   INTEGER NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL
) WITHOUT ROWID;
CREATE INDEX initial_access_tokens_expires ON initial_access_tokens (expires_at);

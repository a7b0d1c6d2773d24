-- Groups of users. A group can be in one other group, which is in none.
CREATE TABLE groups (
    id         BLOB   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL UNIQUE,
    parent_id  BLOB   REFERENCES groups (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX groups_parent ON groups (parent_id);

-- The ids of the groups that a user is directly in, separated by spaces. They are in the row of the
-- user, because whatever reads or locks the user then reads or locks them as well.
ALTER TABLE users ADD COLUMN group_ids TEXT NOT NULL DEFAULT '';
ALTER TABLE invitations ADD COLUMN group_ids TEXT NOT NULL DEFAULT '';

-- The ids of the groups that a client or a scope is open to. NULL if it is open to all.
ALTER TABLE clients ADD COLUMN open_to TEXT;
ALTER TABLE scopes ADD COLUMN open_to TEXT;

-- How access tokens for the resource server name groups. NULL if they name none.
ALTER TABLE resource_servers ADD COLUMN token_groups TEXT;

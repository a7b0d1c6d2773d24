-- Links with which a user becomes an administrator. The token of a link is derived from its id.
CREATE TABLE administrator_links (
    id         BLOB   PRIMARY KEY NOT NULL,
    -- The only user who can use it. NULL if all users can.
    user_id    BLOB   REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX administrator_links_expiry ON administrator_links (expires_at);
CREATE INDEX administrator_links_user ON administrator_links (user_id);

-- The console lists the clients that wait for approval, and the last changes of one object.
CREATE INDEX clients_review ON clients (approved, created_at);
CREATE INDEX audit_log_target ON audit_log (target, sequence);
CREATE INDEX mails_dead ON mails (expires_at) WHERE delivered_at IS NULL AND next_attempt_at IS NULL;

-- The users who are in a group.
CREATE INDEX users_in_groups ON users (id) WHERE group_ids <> '';

-- The users who allow a client something.
CREATE INDEX grants_client_users ON grants (client_id, user_id) WHERE revoked_at IS NULL;

-- Mails to users: a durable queue with the result of each delivery. A row holds no secret: the token of
-- its link is derived from `link_id` when the mail is sent.
CREATE TABLE mails (
    id              BLOB    NOT NULL PRIMARY KEY,
    user_id         BLOB    REFERENCES users (id) ON DELETE CASCADE,
    recipient       TEXT    NOT NULL,
    -- The domain of the recipient. Deliveries to one domain do not delay others.
    lane            TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    language        TEXT    NOT NULL,
    -- The row that the link is about, if the mail has one.
    link_id         BLOB,
    created_at      BIGINT  NOT NULL,
    -- When the mail is of no use any more.
    expires_at      BIGINT  NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at BIGINT,
    last_outcome    TEXT,
    delivered_at    BIGINT
) WITHOUT ROWID;
CREATE INDEX mails_due ON mails (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX mails_user ON mails (user_id);
CREATE INDEX mails_created ON mails (created_at);

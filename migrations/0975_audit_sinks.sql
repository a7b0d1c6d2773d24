-- How far the audit log was delivered to each sink, by its name in the configuration.
CREATE TABLE audit_sinks (
    name            TEXT    NOT NULL PRIMARY KEY,
    -- The number of the last delivered entry.
    sequence        BIGINT  NOT NULL,
    delivered_at    BIGINT,
    -- Failed attempts since then.
    attempts        INTEGER NOT NULL,
    next_attempt_at BIGINT  NOT NULL,
    last_error      TEXT
);

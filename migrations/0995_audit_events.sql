-- What users and the server did and is not in the audit log yet. A task appends it there, so that no
-- request waits for the end of the chain.
CREATE TABLE audit_events (
    id         BLOB   NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    actor      TEXT   NOT NULL,
    face       TEXT   NOT NULL,
    action     TEXT   NOT NULL,
    target     TEXT   NOT NULL,
    change     TEXT   NOT NULL
) WITHOUT ROWID;

CREATE INDEX audit_log_face ON audit_log (face, sequence);

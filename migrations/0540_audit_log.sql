-- What administrators changed. Each row authenticates itself and the row before it with a key that
-- the database holds only sealed.
CREATE TABLE audit_log (
    sequence   BIGINT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    actor      TEXT   NOT NULL,
    face       TEXT   NOT NULL,
    action     TEXT   NOT NULL,
    target     TEXT   NOT NULL,
    change     TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    mac        BLOB   NOT NULL
);

-- The number of the last row, authenticated together with that row.
CREATE TABLE audit_head (
    id       INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence BIGINT  NOT NULL,
    mac      BLOB    NOT NULL
);
INSERT INTO audit_head (id, sequence, mac) VALUES (1, 0, '');

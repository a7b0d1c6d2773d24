-- What has ended at other providers: sessions (`sid:…`), all sessions of a user (`sub:…`), and the
-- logout tokens that said so (`jti:…`), each of which is accepted once.
CREATE TABLE upstream_logouts (
    issuer     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    -- NULL if a sign-in has locked the row, and nothing has ended.
    ended_at   BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, name)
) WITHOUT ROWID;
CREATE INDEX upstream_logouts_expiry ON upstream_logouts (expires_at);

CREATE INDEX upstream_sessions_sid ON upstream_sessions (issuer, sid);

-- Accounts at authorities that issue certificates by ACME, by the URL of the directory.
CREATE TABLE acme_accounts (
    directory  TEXT   NOT NULL PRIMARY KEY,
    -- The key and the URL of the account, sealed under the master key.
    sealed     BLOB   NOT NULL,
    -- The addresses that the authority has, separated by commas.
    contact    TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
-- The server's own certificates from these authorities. A row exists before its certificate.
CREATE TABLE acme_certificates (
    directory       TEXT    NOT NULL,
    -- The names in the certificate, sorted, separated by commas.
    names           TEXT    NOT NULL,
    -- The chain in PEM.
    chain           TEXT,
    -- The private key, sealed under the master key.
    sealed          BLOB,
    -- The number of certificates so far. A node notices by it that there is a new one.
    number          BIGINT  NOT NULL,
    renew_at        BIGINT  NOT NULL,
    -- When the authority is asked for the best time of the renewal.
    ask_at          BIGINT  NOT NULL,
    -- Orders since the last certificate.
    attempts        INTEGER NOT NULL,
    next_attempt_at BIGINT  NOT NULL,
    last_error      TEXT,
    PRIMARY KEY (directory, names)
);
-- Challenges of orders in progress, which every node answers.
CREATE TABLE acme_challenges (
    token             TEXT   NOT NULL PRIMARY KEY,
    name              TEXT   NOT NULL,
    key_authorization TEXT   NOT NULL,
    expires_at        BIGINT NOT NULL
);
CREATE INDEX acme_challenges_expiry ON acme_challenges (expires_at);

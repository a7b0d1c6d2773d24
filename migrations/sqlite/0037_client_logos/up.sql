-- The logos that an administrator approved by storing them. Pages show them from our own address, by the hash of the image.
CREATE TABLE client_logos (
    client_id  TEXT NOT NULL PRIMARY KEY REFERENCES clients (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    image      BLOB NOT NULL
);
CREATE INDEX client_logos_hash ON client_logos (hash);

-- A retired key that left the JWKS still verifies ID tokens that come back as hints.
ALTER TABLE keys ADD COLUMN archived BOOLEAN NOT NULL DEFAULT FALSE;

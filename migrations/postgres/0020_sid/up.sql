-- What ID tokens call a browser session: it outlives a new sign-in by the same person, and opens nothing.
ALTER TABLE sessions ADD COLUMN sid BYTEA NOT NULL DEFAULT '';
UPDATE sessions SET sid = id;

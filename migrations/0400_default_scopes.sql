-- Whether a request that names the resource server and no scope includes it. Scopes of before that
-- only read are included.
ALTER TABLE scopes ADD COLUMN is_default BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE scopes SET is_default = TRUE WHERE risk IN ('low', 'moderate');

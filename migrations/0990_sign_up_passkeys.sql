-- The passkey of an account that is to be created without a password, in JSON. `password_hash` is
-- empty then.
ALTER TABLE sign_ups ADD COLUMN passkey TEXT;

-- An administrator can disable a client.
ALTER TABLE clients ADD COLUMN disabled_at BIGINT;
-- When a secret was last used, with a precision of an hour.
ALTER TABLE client_secrets ADD COLUMN last_used_at BIGINT;

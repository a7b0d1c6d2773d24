DROP TABLE initial_access_tokens;
DROP TABLE client_registrations;
ALTER TABLE clients DROP COLUMN approved;
ALTER TABLE clients DROP COLUMN origin;

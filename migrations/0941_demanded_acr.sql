-- The authentication context class that a client, or a group of its members, demands. NULL if it
-- demands none.
ALTER TABLE clients ADD COLUMN acr TEXT;
ALTER TABLE groups ADD COLUMN acr TEXT;

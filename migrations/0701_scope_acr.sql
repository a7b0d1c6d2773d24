-- The authentication context class that a scope demands. NULL if it demands none.
ALTER TABLE scopes ADD COLUMN acr TEXT;

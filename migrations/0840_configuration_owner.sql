-- The label of the configuration that owns an object. `writ apply` deletes only what carries its label.
ALTER TABLE groups ADD COLUMN owner TEXT;
ALTER TABLE resource_servers ADD COLUMN owner TEXT;
ALTER TABLE scopes ADD COLUMN owner TEXT;
ALTER TABLE clients ADD COLUMN owner TEXT;

-- What an administrator recorded about a user, for claims of the operator's own: a JSON object of
-- texts. NULL if there is nothing.
ALTER TABLE users ADD COLUMN attributes TEXT;

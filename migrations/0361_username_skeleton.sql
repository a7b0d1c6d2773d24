-- What a username looks like. Two accounts never look alike; accounts of before have none.
ALTER TABLE users ADD COLUMN skeleton TEXT;
CREATE UNIQUE INDEX users_skeleton ON users (skeleton);

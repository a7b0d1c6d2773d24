-- One index finds the grants of a client and lists its users. Each index on this table is written
-- with every code.
DROP INDEX grants_client_users;
DROP INDEX grants_client;
CREATE INDEX grants_client ON grants (client_id, user_id);

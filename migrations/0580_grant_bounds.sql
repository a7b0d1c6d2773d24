-- Counts the codes and the redeemed grants of a user and a client without reading their rows.
DROP INDEX grants_user_client;
CREATE INDEX grants_user_client ON grants (user_id, client_id, redeemed_at);

-- The redemption of a code changes no entry of this index. Few users have so many grants to a client
-- that their rows are read to count those that were redeemed.
DROP INDEX grants_user_client;
CREATE INDEX grants_user_client ON grants (user_id, client_id);

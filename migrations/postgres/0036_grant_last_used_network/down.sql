ALTER TABLE grants DROP COLUMN last_used_network;

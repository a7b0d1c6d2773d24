-- How often it happened that day from that network: whoever tries passwords cannot fill the table.
ALTER TABLE security_events ADD COLUMN count BIGINT NOT NULL DEFAULT 1;

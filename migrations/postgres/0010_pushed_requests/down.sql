ALTER TABLE authorization_requests DROP COLUMN pushed_id;
DROP TABLE pushed_requests;

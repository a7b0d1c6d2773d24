-- A pending request belongs to the browser that began it: SHA-256 of that browser's cookie.
ALTER TABLE authorization_requests ADD COLUMN browser BLOB;

-- A pending request is bound to its browser: SHA-256 of the cookie of that browser.
ALTER TABLE authorization_requests ADD COLUMN browser BLOB;

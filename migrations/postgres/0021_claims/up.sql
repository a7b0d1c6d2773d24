-- Single claims that the app asked for and the person allowed, as JSON (OpenID Connect Core, section 5.5).
ALTER TABLE grants ADD COLUMN claims TEXT;

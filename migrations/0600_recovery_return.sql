-- The account page that follows a sign-in without an authorization request. Empty without one.
ALTER TABLE recoveries ADD COLUMN return_to TEXT NOT NULL DEFAULT '';

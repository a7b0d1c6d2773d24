-- Where the token request of the last use came from: an IPv4 address or IPv6 /64; empty before the first.
ALTER TABLE grants ADD COLUMN last_used_network TEXT NOT NULL DEFAULT '';

-- What a notice or an event names: the provider that was linked or removed, as pages call it.
ALTER TABLE notices ADD COLUMN about TEXT;
ALTER TABLE security_events ADD COLUMN about TEXT;

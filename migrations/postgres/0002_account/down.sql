DROP TABLE security_events;
DROP TABLE decisions;

-- From which networks a client registered itself: the narrowest, and the wider ones around it.
CREATE TABLE registration_networks (
    network   TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES client_registrations (client_id) ON DELETE CASCADE,
    PRIMARY KEY (network, client_id)
) WITHOUT ROWID;
CREATE INDEX registration_networks_client ON registration_networks (client_id);
INSERT INTO registration_networks (network, client_id) SELECT network, client_id FROM client_registrations;

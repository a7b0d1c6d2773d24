-- The networks of a self-registration: the narrowest one and the wider ones that contain it.
CREATE TABLE registration_networks (
    network   TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES client_registrations (client_id) ON DELETE CASCADE,
    PRIMARY KEY (network, client_id)
) WITHOUT ROWID;
CREATE INDEX registration_networks_client ON registration_networks (client_id);
INSERT INTO registration_networks (network, client_id) SELECT network, client_id FROM client_registrations;

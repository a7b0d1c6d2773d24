"""How far the clocks of issuer and resource server may disagree."""

#: In seconds.
LEEWAY = 30

"""`python -m generator > corpus.json` in the folder above. Needs the `cryptography` package."""

import json
import sys

from . import claim_rules, headers, introspections, networks, requests, signatures
from .mint import AUDIENCE, ISSUER

GROUPS = [headers, claim_rules, signatures, requests, networks, introspections]


def main() -> None:
    situations = [{"issuer": ISSUER, **made} for group in GROUPS for made in group.situations()]
    names = [situation["name"] for situation in situations]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
    networks: dict[str, int] = {}

    def number(network: dict) -> int:
        # Compared as text: in Python, 1 equals True.
        return networks.setdefault(json.dumps(network, ensure_ascii=False), len(networks))

    for situation in situations:
        situation["network"] = number(situation["network"])
        for step in situation["steps"]:
            if "network" in step:
                step["network"] = number(step["network"])
    lines = ",\n".join(json.dumps(situation, ensure_ascii=False) for situation in situations)
    shared = ",\n".join(networks)
    sys.stdout.write(
        f'{{"audience": "{AUDIENCE}",\n"networks": [\n{shared}\n],\n"situations": [\n{lines}\n]}}\n'
    )


main()

"""What the issuer publishes, how it changes, and outages."""

import hashlib

from .mint import ED, ES, ES2, ES3, ISSUER, NOW, RS, b64, b64_bytes, b64_int, token
from .situation import (
    DOWN,
    JWKS_URL,
    METADATA_URL,
    OIDC_URL,
    USUAL,
    accept,
    metadata,
    network,
    one,
    refuse,
    response,
    situation,
    step,
)

HOUR = 3600
DAY = 24 * HOUR
LONG = NOW + 10 * 365 * DAY


def long_lived(key=ES) -> str:
    return token(key, exp=LONG)


GOOD = accept(expires_at=LONG)


def lasting(name: str, why: str, *steps: dict, net: dict) -> dict:
    """A situation that lasts longer than the tokens of an issuer live."""
    return situation(name, why, *steps, net=net, max_lifetime=LONG)


def unsigned_by_exponent_one() -> str:
    """A token that verifies under an RSA key with e = 1, made without a private key (RFC 8017 §9.2)."""
    signing_input = token(RS).rpartition(".")[0]
    digest_info = bytes.fromhex("3031300d060960864801650304020105000420")
    digest_info += hashlib.sha256(signing_input.encode()).digest()
    padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(digest_info)) + b"\x00" + digest_info
    return f"{signing_input}.{b64(padded)}"


def key_sets():
    without = network(ES.jwk(alg=None, use=None))
    yield one("jwk-without-alg-and-use", "RFC 7517 §4: optional", token(), accept(), net=without)
    verify = network(ES.jwk(use=None, key_ops=["verify"]))
    yield one("jwk-key-ops-verify", "RFC 7517 §4.3", token(), accept(), net=verify)
    private = network({**ES.jwk(), "d": b64(bytes(31) + b"\x01")})
    yield one(
        "jwk-with-private-part",
        "the issuer's mistake: only the public part is used",
        token(),
        accept(),
        net=private,
    )
    first = network(ES.jwk(), {**ES2.jwk(), "kid": ES.kid})
    yield one("jwks-kid-twice", "the first usable key has it", token(), accept(), net=first)
    odd = network(
        {}, {"kty": "oct"}, {"kty": "AKP", "kid": "x"}, ES.jwk(kid=None), ES.jwk(kid=None, x="?"), ES.jwk()
    )
    yield one("jwks-odd-keys", "RFC 7517 §5: ignored", token(), accept(), net=odd)
    small = {"kty": "RSA", "kid": RS.kid, "alg": "RS256", "n": b64_int((1 << 1023) + 9, 128), "e": "AQAB"}
    off_curve = ES.jwk(y=b64(bytes(31) + b"\x05"))
    unusable = {
        "for-encryption": ES.jwk(use="enc"),
        "key-ops-sign": ES.jwk(use=None, key_ops=["sign"]),
        "key-ops-text": ES.jwk(use=None, key_ops="verify"),
        "other-alg": ES.jwk(alg="ES384"),
        "contradicting-alg": ES.jwk(alg="RS256"),
        "alg-number": ES.jwk(alg=1),
        "other-curve": ES.jwk(crv="P-384"),
        "curve-missing": ES.jwk(crv=None),
        "off-curve": off_curve,
        "short-coordinate": ES.jwk(x=b64(bytes(31))),
        "padded-coordinate": ES.jwk(x=ES.members()["x"] + "="),
        "coordinate-missing": ES.jwk(y=None),
        "kid-number": ES.jwk(kid=1),
        "kty-missing": ES.jwk(kty=None),
    }
    for name, jwk in unusable.items():
        yield one(f"jwk-{name}", "RFC 7517 §4", token(), refuse("unknown_key"), net=network(jwk))
    yield one(
        "jwk-rsa-1024",
        "RFC 7518 §3.3: at least 2048 bits",
        token(RS),
        refuse("unknown_key"),
        net=network(small),
    )
    rsa = {
        "rsa-pss": RS.jwk(alg="PS256"),
        "rsa-no-exponent": RS.jwk(e=None),
        "rsa-exponent-even": RS.jwk(e="Ag"),
        "rsa-exponent-zero-first": RS.jwk(e="AAEAAQ"),
        "rsa-modulus-zero-first": RS.jwk(n=b64(b"\0" + b64_bytes(RS.members()["n"]))),
    }
    for name, jwk in rsa.items():
        yield one(f"jwk-{name}", "RFC 7518 §6.3", token(RS), refuse("unknown_key"), net=network(jwk))
    yield one(
        "jwk-rsa-exponent-one",
        "RFC 8017 §3.1: with e = 1 every padded message is its own signature",
        unsigned_by_exponent_one(),
        refuse("unknown_key"),
        net=network(RS.jwk(e="AQ")),
    )
    x25519 = ED.jwk(crv="X25519")
    yield one(
        "jwk-x25519", "RFC 8037: not for signatures", token(ED), refuse("unknown_key"), net=network(x25519)
    )
    oct_key = {"kty": "oct", "kid": ES.kid, "k": b64("secret"), "alg": "HS256"}
    yield one("jwk-symmetric", "never used", token(), refuse("unknown_key"), net=network(oct_key))
    yield one("jwks-empty", "no key", token(), refuse("unknown_key"), net=network())


def discovery():
    down = refuse("unavailable")
    yield one("down-at-start", "the issuer is needed", token(), down, net=DOWN)
    broken_metadata = {
        "other-issuer": metadata(issuer="https://evil.example"),
        "issuer-slash": metadata(issuer=f"{ISSUER}/"),
        "no-issuer": metadata(issuer=None),
        "no-jwks-uri": metadata(jwks_uri=None),
        "jwks-uri-number": metadata(jwks_uri=1),
        "jwks-uri-http": metadata(jwks_uri=JWKS_URL.replace("https", "http")),
        "jwks-uri-loopback": metadata(jwks_uri="http://127.0.0.1/jwks"),
        "jwks-uri-relative": metadata(jwks_uri="/jwks"),
        "array": [],
        "text": "not JSON",
        "duplicate-issuer": f'{{"issuer":"https://evil.example","issuer":"{ISSUER}","jwks_uri":"{JWKS_URL}"}}',
    }
    for name, document in broken_metadata.items():
        net = {**USUAL, METADATA_URL: response(document)}
        net[JWKS_URL.replace("https", "http")] = net["http://127.0.0.1/jwks"] = USUAL[JWKS_URL]
        yield one(f"metadata-{name}", "RFC 8414 §3.3, §2", token(), down, net=net)
    for status in [204, 301, 404, 500]:
        net = {**USUAL, METADATA_URL: response(metadata(), status)}
        yield one(f"metadata-status-{status}", "only a 200 is accepted", token(), down, net=net)
    broken_keys = {"text": "not JSON", "array": [], "no-keys": {}, "keys-object": {"keys": {}}}
    for name, document in broken_keys.items():
        yield one(f"jwks-{name}", "RFC 7517 §5", token(), down, net={**USUAL, JWKS_URL: response(document)})
    for status in [302, 503]:
        net = {**USUAL, JWKS_URL: response({"keys": [ES.jwk()]}, status)}
        yield one(
            f"jwks-status-{status}",
            "only a 200 is accepted, and redirects are not followed",
            token(),
            down,
            net=net,
        )
    oidc = {OIDC_URL: response(metadata()), JWKS_URL: USUAL[JWKS_URL]}
    yield one("metadata-openid-only", "OpenID Connect Discovery §4", token(), accept(), net=oidc)
    for path in ["/tenant", "/tenant/"]:
        issuer = ISSUER + path
        for name, url in {
            "rfc8414": f"{ISSUER}/.well-known/oauth-authorization-server/tenant",
            "openid": f"{ISSUER}/tenant/.well-known/openid-configuration",
        }.items():
            net = {url: response(metadata(issuer=issuer)), JWKS_URL: USUAL[JWKS_URL]}
            title = f"issuer{path.replace('/', '-')}-{name}"
            yield one(title, "RFC 8414 §3.1", token(iss=issuer), accept(), net=net, issuer=issuer)


def algorithm_lists():
    def allowing(value) -> dict:
        document = metadata(id_token_signing_alg_values_supported=value)
        return {**USUAL, METADATA_URL: response(document)}

    yield one(
        "algorithms-listed",
        "the metadata lists the algorithm",
        token(),
        accept(),
        net=allowing(["RS256", "ES256"]),
    )
    yield one(
        "algorithms-other",
        "the metadata does not list the algorithm",
        token(),
        refuse("algorithm_not_allowed"),
        net=allowing(["RS256"]),
    )
    yield one(
        "algorithms-foreign",
        "an unknown name allows nothing",
        token(),
        refuse("algorithm_not_allowed"),
        net=allowing(["PS256", 1]),
    )
    listed = allowing(["none", "HS256", "ES256"])
    none = token(head={"alg": "none"})
    yield one(
        "algorithms-none-listed",
        "not an accepted algorithm, whatever the metadata lists",
        none,
        refuse("algorithm_not_allowed"),
        net=listed,
    )
    yield one("algorithms-text", "not a list: ignored", token(), accept(), net=allowing("ES256"))


def rotation():
    first, second, third = token(), token(ES2), token(ES3)
    yield situation(
        "rotation",
        "an unknown kid is looked up at once, and only once",
        step(accept(), first, requests={"jwks": 1}),
        step(accept(), second, network=network(ES.jwk(), ES2.jwk()), requests={"jwks": 2}),
        step(accept(), first, requests={"jwks": 2}),
    )
    yield situation(
        "two-rotations",
        "each fetch brings a new key, so none waits",
        step(accept(), first, requests={"jwks": 1}),
        step(accept(), second, network=network(ES.jwk(), ES2.jwk()), requests={"jwks": 2}),
        step(accept(), third, network=network(ES2.jwk(), ES3.jwk()), requests={"jwks": 3}),
        step(accept(), second, requests={"jwks": 3}),
        step(refuse("unknown_key"), first, requests={"jwks": 4}),
    )
    yield situation(
        "made-up-kids",
        "one lookup, then a cooldown of 10 s",
        step(accept(), first, requests={"jwks": 1}),
        step(refuse("unknown_key"), second, requests={"jwks": 2}),
        step(refuse("unknown_key"), third, requests={"jwks": 2}),
        step(refuse("unknown_key"), second, after=9, requests={"jwks": 2}),
        step(refuse("unknown_key"), second, after=10, requests={"jwks": 3}),
        step(accept(), first, after=10, requests={"jwks": 3}),
    )
    yield situation(
        "rotation-during-cooldown",
        "a key published during the cooldown is found after it",
        step(accept(), first),
        step(refuse("unknown_key"), second, requests={"jwks": 2}),
        step(
            refuse("unknown_key"), second, after=5, network=network(ES.jwk(), ES2.jwk()), requests={"jwks": 2}
        ),
        step(accept(), second, after=10, requests={"jwks": 3}),
    )
    yield situation(
        "first-tokens-together",
        "single flight",
        step(accept(), first, times=20, requests={"jwks": 1}),
    )
    yield situation(
        "unknown-kids-together",
        "single flight",
        step(accept(), first),
        step(accept(), second, times=20, network=network(ES.jwk(), ES2.jwk()), requests={"jwks": 2}),
    )
    yield situation(
        "bad-tokens-fetch-nothing",
        "a token that is refused without the issuer's help costs no request",
        step(refuse("malformed"), "nonsense", requests={"jwks": 0}),
        step(refuse("wrong_type"), token(head={"typ": "JWT"}), requests={"jwks": 0}),
        step(refuse("algorithm_not_allowed"), token(head={"alg": "none"}), requests={"jwks": 0}),
    )


def outages():
    up, bearer = network(ES.jwk()), long_lived()
    yield lasting(
        "late-issuer",
        "an API can start before its issuer",
        step(refuse("unavailable"), bearer, requests={"jwks": 0}),
        step(refuse("unavailable"), bearer, network=up, requests={"jwks": 0}),
        step(GOOD, bearer, after=1, requests={"jwks": 1}),
        net=DOWN,
    )
    yield lasting(
        "long-outage",
        "RFC 5861 §4: stale keys are used for 24 hours, then nothing is accepted until the issuer is back",
        step(GOOD, bearer),
        *(step(GOOD, bearer, after=after, network=DOWN) for after in [400, HOUR, DAY, DAY + 299]),
        step(refuse("unavailable"), bearer, after=DAY + 300),
        step(refuse("unavailable"), bearer, after=30 * DAY),
        step(refuse("unavailable"), bearer, after=30 * DAY + 9, network=up),
        step(GOOD, bearer, after=30 * DAY + 10),
        net=up,
    )
    yield lasting(
        "long-outage-while-idle",
        "the keys are too old when the outage is noticed",
        step(GOOD, bearer),
        step(refuse("unavailable"), bearer, after=DAY + 300, network=DOWN),
        net=up,
    )
    yield lasting(
        "outage-noticed-late",
        "the last keys are not too old yet",
        step(GOOD, bearer),
        step(GOOD, bearer, after=DAY + 299, network=DOWN),
        net=up,
    )
    yield lasting(
        "unknown-kid-in-outage",
        "an unknown key may be new",
        step(GOOD, bearer),
        step(refuse("unavailable"), long_lived(ES2), network=DOWN),
        step(refuse("unavailable"), long_lived(ES2), after=5),
        step(GOOD, bearer, after=5),
        step(GOOD, long_lived(ES2), after=10, network=network(ES.jwk(), ES2.jwk())),
        net=up,
    )
    broken = {**up, JWKS_URL: response("not JSON")}
    yield lasting(
        "broken-jwks-later",
        "a malformed response replaces nothing",
        step(GOOD, bearer),
        step(GOOD, bearer, after=HOUR, network=broken),
        step(GOOD, bearer, after=2 * HOUR),
        net=up,
    )
    yield lasting(
        "recovery",
        "after an outage the keys are refreshed in the background",
        step(GOOD, bearer, requests={"jwks": 1}),
        step(GOOD, bearer, after=HOUR, network=DOWN, requests={"jwks": 1}),
        step(GOOD, bearer, after=HOUR + 10, network=network(ES2.jwk()), requests={"jwks": 2}),
        step(refuse("unknown_key"), bearer, after=HOUR + 11, requests={"jwks": 3}),
        net=up,
    )


def freshness():
    bearer = long_lived()

    def ages(name: str, why: str, fresh_for: int, **headers):
        return lasting(
            name,
            why,
            step(GOOD, bearer, requests={"jwks": 1}),
            step(GOOD, bearer, after=fresh_for - 1, requests={"jwks": 1}),
            step(GOOD, bearer, after=fresh_for, requests={"jwks": 2}),
            net=network(ES.jwk(), **headers),
        )

    yield ages("max-age-missing", "the default: five minutes", 300)
    yield ages("max-age", "RFC 9111 §5.2.2.1", 900, cache_control="public, max-age=900")
    yield ages("max-age-less-age", "RFC 9111 §4.2", 800, cache_control="max-age=900", age="100")
    yield ages("max-age-zero", "a minute at least", 60, cache_control="max-age=0")
    yield ages("max-age-any-case", "RFC 9111 §5.2", 900, cache_control='Public , Max-Age="900"')
    yield ages("max-age-twice", "RFC 9111 §4.2.1: the first", 120, cache_control="max-age=120, max-age=900")
    yield ages("no-store", "a minute at least", 60, cache_control="max-age=900, No-Store")
    yield ages("no-cache", "a minute at least", 60, cache_control="max-age=900, no-cache")
    yield ages("max-age-huge", "a day at most", DAY, cache_control="max-age=99999999")
    yield ages("max-age-nonsense", "RFC 9111 §4.2.1: stale", 60, cache_control="max-age=soon")
    yield ages("age-nonsense", "RFC 9111 §5.1: ignored", 900, cache_control="max-age=900", age="soon")
    withdrawn = network(ES2.jwk())
    yield lasting(
        "withdrawn-key-background",
        "the refresh runs in the background: the first token after it is still accepted",
        step(GOOD, bearer),
        step(GOOD, bearer, after=300, network=withdrawn, requests={"jwks": 2}),
        step(refuse("unknown_key"), bearer, after=301, requests={"jwks": 3}),
        net=network(ES.jwk()),
    )
    yield lasting(
        "withdrawn-key-idle",
        "keys two lifetimes old are refreshed before they are used",
        step(GOOD, bearer),
        step(refuse("unknown_key"), bearer, after=600, network=withdrawn),
        net=network(ES.jwk()),
    )
    yield lasting(
        "clock-set-back",
        "the age of the keys is unknown: they are fetched again",
        step(GOOD, bearer, requests={"jwks": 1}),
        step(GOOD, bearer, after=-20, requests={"jwks": 2}),
        net=network(ES.jwk()),
    )
    moved = {
        METADATA_URL: response(metadata(jwks_uri=f"{ISSUER}/keys")),
        f"{ISSUER}/keys": response({"keys": [ES2.jwk()]}),
    }
    yield lasting(
        "jwks-moved",
        "the metadata is fetched again with the keys",
        step(GOOD, bearer),
        step(GOOD, long_lived(ES2), after=1, network=moved),
        net=network(ES.jwk()),
    )
    yield situation(
        "token-expires-between",
        "the expiry of a token is checked each time",
        step(accept(), token()),
        step(accept(), token(), after=269),
        step(refuse("expired"), token(), after=270),
    )


def retirement():
    def retired(latest_iat) -> dict:
        return network(ES.jwk(writ_latest_iat=latest_iat))

    why = "a retired key signs no new tokens"
    yield one("key-retired-after", why, token(), accept(), net=retired(NOW - 60))
    yield one("key-retired-before", why, token(), refuse("key_retired"), net=retired(NOW - 61))
    yield one("key-retired-fraction", "RFC 7519 §2", token(), accept(), net=retired(NOW - 59.5))
    for name, value in {"text": str(NOW), "negative": -1, "true": True, "object": {}}.items():
        yield one(
            f"key-retired-{name}",
            "RFC 7517 §5: a key with an unusable member is ignored",
            token(),
            refuse("unknown_key"),
            net=retired(value),
        )
    before, after = token(exp=NOW + 600), token(iat=NOW + 300, exp=NOW + 600)
    good = accept(expires_at=NOW + 600)
    yield situation(
        "key-retired-meanwhile",
        "the retirement is learned with the next refresh",
        step(good, before, requests={"jwks": 1}),
        step(good, after, after=299, network=retired(NOW), requests={"jwks": 1}),
        step(good, after, after=300, requests={"jwks": 2}),
        step(refuse("key_retired"), after, after=301, requests={"jwks": 2}),
        step(good, before, after=301, requests={"jwks": 2}),
    )


def situations():
    for group in [key_sets, discovery, algorithm_lists, rotation, outages, freshness, retirement]:
        yield from group()

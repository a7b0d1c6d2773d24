import { Refusal } from "./error.js";
import { isObject, type JsonObject } from "./json.js";
import type { Key } from "./jwk.js";
import { LEEWAY } from "./leeway.js";
import { numericDate } from "./numeric-date.js";
import { Token } from "./token.js";

const ID_TOKEN_CLAIMS = ["nonce", "at_hash", "c_hash", "s_hash"];

/** What the claims of a token must match. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  /** The longest accepted time between `iat` and `exp`, in seconds. */
  readonly maxLifetime: number;
  /** The `resource_metadata` URL in the challenges of the resulting tokens (RFC 9728 §5.1). */
  readonly resourceMetadata: string | undefined;
}

/**
 * Checks the claims of an access token that was signed with `key` (RFC 9068 §4), in the order that all Writ verifiers
 * use.
 */
export function checkClaims(expected: Expected, claims: JsonObject, key: Key, now: number): Token {
  if (text(claims, "iss") !== expected.issuer) throw new Refusal("wrong_issuer");
  checkAudience(expected, claims);
  text(claims, "jti");
  const issuedAt = seconds(claims, "iat");
  if (issuedAt === undefined) throw new Refusal("invalid_claim", "iat");
  const token = checkTimesAndCollect(expected, claims, now);
  if (token.expiresAt - issuedAt > expected.maxLifetime) throw new Refusal("excessive_lifetime");
  if (key.latestIat !== undefined && issuedAt > key.latestIat) throw new Refusal("key_retired");
  return token;
}

/**
 * Refuses ID tokens, where `typ` does not tell them apart.
 *
 * An access token names its client in `client_id` (RFC 9068 §2.2), an ID token in `aud`. `nonce` and the hashes are
 * claims of ID tokens only (OpenID Connect Core §2, §3.3.2.11).
 */
export function refuseIdToken(claims: JsonObject): void {
  const isIdToken = ID_TOKEN_CLAIMS.some((name) => Object.hasOwn(claims, name)) || !Object.hasOwn(claims, "client_id");
  if (isIdToken) throw new Refusal("wrong_type");
}

/** Checks an introspection response (RFC 7662 §2.2), where `iss`, `iat` and `jti` are optional. */
export function checkIntrospection(expected: Expected, claims: JsonObject, now: number): Token {
  if (claims.active !== true) throw new Refusal("inactive");
  if (Object.hasOwn(claims, "iss") && text(claims, "iss") !== expected.issuer) throw new Refusal("wrong_issuer");
  checkAudience(expected, claims);
  return checkTimesAndCollect(expected, claims, now);
}

function checkAudience(expected: Expected, claims: JsonObject): void {
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.every((one) => typeof one === "string")) throw new Refusal("invalid_claim", "aud");
  if (!audiences.includes(expected.audience)) throw new Refusal("wrong_audience");
}

function checkTimesAndCollect(expected: Expected, claims: JsonObject, now: number): Token {
  const expiresAt = seconds(claims, "exp");
  if (expiresAt === undefined) throw new Refusal("invalid_claim", "exp");
  if (now >= expiresAt + LEEWAY) throw new Refusal("expired");
  if ((seconds(claims, "nbf") ?? 0) > now + LEEWAY) throw new Refusal("not_yet_valid");
  if ((seconds(claims, "iat") ?? 0) > now + LEEWAY) throw new Refusal("issued_in_future");
  if (Object.hasOwn(claims, "cnf")) throw new Refusal("sender_constrained");
  if (Object.hasOwn(claims, "act") && !isActorChain(claims.act)) throw new Refusal("invalid_claim", "act");
  const scope = Object.hasOwn(claims, "scope") ? text(claims, "scope") : "";
  return new Token(
    text(claims, "sub"),
    text(claims, "client_id"),
    scope.split(" ").filter(Boolean),
    expiresAt,
    now,
    claims,
    expected.resourceMetadata,
  );
}

function text(claims: JsonObject, name: string): string {
  const value = claims[name];
  if (!Object.hasOwn(claims, name) || typeof value !== "string") throw new Refusal("invalid_claim", name);
  return value;
}

function seconds(claims: JsonObject, name: string): number | undefined {
  if (!Object.hasOwn(claims, name)) return undefined;
  const value = numericDate(claims[name]);
  if (value === undefined) throw new Refusal("invalid_claim", name);
  return value;
}

/** RFC 8693 §4.1: an object with a `sub`, and perhaps the prior actor within it. */
function isActorChain(act: unknown): boolean {
  if (!isObject(act) || typeof act.sub !== "string") return false;
  return !Object.hasOwn(act, "act") || isActorChain(act.act);
}

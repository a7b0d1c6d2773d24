import { Refusal } from "./error.js";
import { isObject, type JsonObject } from "./json.js";
import { LEEWAY, Token } from "./token.js";

/** What a token is measured against. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  /** Where the challenges of the resulting tokens point to (RFC 9728 §5.1). */
  readonly resourceMetadata: string | undefined;
}

/**
 * Judges the claims of a JWT access token whose signature is good (RFC 9068 §4), in the order that
 * every Writ verifier uses.
 */
export function judge(expected: Expected, claims: JsonObject, now: number): Token {
  if (text(claims, "iss") !== expected.issuer) throw new Refusal("wrong_issuer");
  judgeAudience(expected, claims);
  text(claims, "jti");
  if (seconds(claims, "iat") === undefined) throw new Refusal("invalid_claim", "iat");
  return judgeTimesAndTake(expected, claims, now);
}

/** Judges an active introspection answer (RFC 7662 §2.2), where `iss`, `iat` and `jti` are optional. */
export function judgeIntrospected(expected: Expected, claims: JsonObject, now: number): Token {
  if (Object.hasOwn(claims, "iss") && text(claims, "iss") !== expected.issuer) throw new Refusal("wrong_issuer");
  judgeAudience(expected, claims);
  return judgeTimesAndTake(expected, claims, now);
}

function judgeAudience(expected: Expected, claims: JsonObject): void {
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.every((one) => typeof one === "string")) throw new Refusal("invalid_claim", "aud");
  if (!audiences.includes(expected.audience)) throw new Refusal("wrong_audience");
}

function judgeTimesAndTake(expected: Expected, claims: JsonObject, now: number): Token {
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

/** A `NumericDate` (RFC 7519 §2): a JSON number, not negative; fractions are dropped. */
function seconds(claims: JsonObject, name: string): number | undefined {
  if (!Object.hasOwn(claims, name)) return undefined;
  const value = claims[name];
  if (typeof value !== "number" || value < 0) throw new Refusal("invalid_claim", name);
  return Math.floor(value);
}

/** RFC 8693 §4.1: an object with a `sub`, and within it perhaps the actor before. */
function isActorChain(act: unknown): boolean {
  if (!isObject(act) || typeof act.sub !== "string") return false;
  return !Object.hasOwn(act, "act") || isActorChain(act.act);
}

import { type CryptoKey, importJWK, type JWK } from "jose";
import { decodeBase64url } from "./base64url.js";
import { isObject, type JsonObject } from "./json.js";
import { numericDate } from "./numeric-date.js";

/** The JWK member with the latest `iat` that a token of a retired key can have. */
const LATEST_IAT = "writ_latest_iat";

const ALGORITHMS = ["ES256", "RS256", "EdDSA"] as const;

/** The signature algorithms that are accepted (RFC 7518 §3.1, RFC 8037 §3.1). */
export type Algorithm = (typeof ALGORITHMS)[number];

export function isAlgorithm(name: unknown): name is Algorithm {
  return ALGORITHMS.some((algorithm) => algorithm === name);
}

export interface Key {
  readonly algorithm: Algorithm;
  readonly publicKey: CryptoKey;
  /** The latest `iat` that its tokens can have, once it is retired. */
  readonly latestIat: number | undefined;
}

/**
 * The usable keys of a JWK Set (RFC 7517 §5) by `kid`. Undefined if it is not a JWK Set. Other keys are ignored. When
 * a `kid` is repeated, the first usable key has it.
 */
export async function keySet(jwks: JsonObject): Promise<Map<string, Key> | undefined> {
  if (!Array.isArray(jwks.keys)) return undefined;
  const keys = new Map<string, Key>();
  for (const jwk of jwks.keys.filter(isObject)) {
    if (typeof jwk.kid !== "string" || keys.has(jwk.kid)) continue;
    const key = await importKey(jwk);
    if (key) keys.set(jwk.kid, key);
  }
  return keys;
}

/**
 * The key, if it is for signatures by an accepted algorithm.
 *
 * The algorithm follows from `kty` and `crv`, and `alg` must not contradict it. A token can then never choose how a
 * key is used.
 */
async function importKey(jwk: JsonObject): Promise<Key | undefined> {
  const isForVerifying =
    (!Object.hasOwn(jwk, "use") || jwk.use === "sig") &&
    (!Object.hasOwn(jwk, "key_ops") || (Array.isArray(jwk.key_ops) && jwk.key_ops.includes("verify")));
  const isRetired = Object.hasOwn(jwk, LATEST_IAT);
  const latestIat = isRetired ? numericDate(jwk[LATEST_IAT]) : undefined;
  if (isRetired && latestIat === undefined) return undefined;
  const known = publicPart(jwk);
  if (!isForVerifying || !known || (Object.hasOwn(jwk, "alg") && jwk.alg !== known.algorithm)) return undefined;
  try {
    const publicKey = await importJWK(known.jwk, known.algorithm);
    return publicKey instanceof Uint8Array ? undefined : { algorithm: known.algorithm, publicKey, latestIat };
  } catch {
    return undefined;
  }
}

function publicPart(jwk: JsonObject): { algorithm: Algorithm; jwk: JWK } | undefined {
  const { kty, crv } = jwk;
  if (kty === "EC" && crv === "P-256" && isCoordinate(jwk.x) && isCoordinate(jwk.y)) {
    return { algorithm: "ES256", jwk: { kty, crv, x: jwk.x, y: jwk.y } };
  }
  if (kty === "OKP" && crv === "Ed25519" && isCoordinate(jwk.x)) {
    return { algorithm: "EdDSA", jwk: { kty, crv, x: jwk.x } };
  }
  if (kty === "RSA" && isModulus(jwk.n) && isExponent(jwk.e)) {
    return { algorithm: "RS256", jwk: { kty, n: jwk.n, e: jwk.e } };
  }
  return undefined;
}

function isCoordinate(value: unknown): value is string {
  return typeof value === "string" && decodeBase64url(value)?.length === 32;
}

/** 2048 to 8192 bits, without leading zeros (RFC 7518 §3.3, §6.3.1.1). */
function isModulus(value: unknown): value is string {
  const bytes = typeof value === "string" ? decodeBase64url(value) : undefined;
  const [high] = bytes ?? [];
  if (!bytes || !high) return false;
  const bits = bytes.length * 8 - (Math.clz32(high) - 24);
  return bits >= 2048 && bits <= 8192;
}

/** Odd and at least 3 (RFC 8017 §3.1). With 1 every message is its own signature. */
function isExponent(value: unknown): value is string {
  const bytes = typeof value === "string" ? decodeBase64url(value) : undefined;
  const [high] = bytes ?? [];
  return !!bytes && !!high && bytes.at(-1)! % 2 === 1 && value !== "AQ";
}

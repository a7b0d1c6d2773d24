import { decodeBase64url } from "./base64url.js";
import { Refusal } from "./error.js";
import { parseObject } from "./json.js";
import { type Algorithm, isAlgorithm } from "./jwk.js";

/** Longer tokens are refused unread: no honest access token comes near, and parsing costs. */
const MAX_LENGTH = 16 * 1024;

/** A token whose header was read and found acceptable; nothing is authenticated yet. */
export interface Unverified {
  readonly token: string;
  readonly algorithm: Algorithm;
  readonly kid: string;
  readonly payload: Uint8Array;
  readonly signature: string;
}

/** Splits the token and checks its header, in the order that every Writ verifier uses. */
export function parseJws(token: string): Unverified {
  if (token.length > MAX_LENGTH) throw new Refusal("oversized");
  const parts = token.split(".");
  const [head, payload] = parts.slice(0, 2).map(decodeBase64url);
  const header = head && parseObject(head);
  if (parts.length !== 3 || !header || !payload) throw new Refusal("malformed");
  if (Object.hasOwn(header, "crit")) throw new Refusal("critical_header");
  // RFC 9068 §4; case-insensitive and with an optional prefix by RFC 7515 §4.1.9.
  if (typeof header.typ !== "string" || !/^(application\/)?at\+jwt$/i.test(header.typ)) throw new Refusal("wrong_type");
  const algorithm = header.alg;
  if (!isAlgorithm(algorithm)) throw new Refusal("algorithm_not_allowed");
  if (typeof header.kid !== "string") throw new Refusal("unknown_key");
  return { token, algorithm, kid: header.kid, payload, signature: parts[2] ?? "" };
}

import { decodeBase64url } from "./base64url.js";
import { Refusal } from "./error.js";
import { parseObject } from "./json.js";
import { type Algorithm, isAlgorithm } from "./jwk.js";

/** Longer tokens are refused before they are parsed. Honest access tokens are much shorter. */
const MAX_LENGTH = 16 * 1024;

/** A token whose header is acceptable. Its signature is not verified yet. */
export interface Unverified {
  readonly token: string;
  readonly algorithm: Algorithm;
  readonly kid: string;
  readonly payload: Uint8Array;
  readonly signature: string;
  /** Whether `typ` is `JWT`, which ID tokens have too. */
  readonly hasJwtType: boolean;
}

/** `at+jwt`, in any case (RFC 9068 §4), with or without `application/` (RFC 7515 §4.1.9). */
const ACCESS_TOKEN_TYPE = /^(application\/)?at\+jwt$/i;
const JWT_TYPE = /^(application\/)?jwt$/i;

/** Splits the token and checks its header, in the order that all Writ verifiers use. */
export function parseJws(token: string, acceptTypJwt: boolean): Unverified {
  if (token.length > MAX_LENGTH) throw new Refusal("oversized");
  const parts = token.split(".");
  const [head, payload] = parts.slice(0, 2).map(decodeBase64url);
  const header = head && parseObject(head);
  if (parts.length !== 3 || !header || !payload) throw new Refusal("malformed");
  if (Object.hasOwn(header, "crit")) throw new Refusal("critical_header");
  const typ = typeof header.typ === "string" ? header.typ : "";
  const hasJwtType = acceptTypJwt && JWT_TYPE.test(typ);
  if (!ACCESS_TOKEN_TYPE.test(typ) && !hasJwtType) throw new Refusal("wrong_type");
  const algorithm = header.alg;
  if (!isAlgorithm(algorithm)) throw new Refusal("algorithm_not_allowed");
  if (typeof header.kid !== "string") throw new Refusal("unknown_key");
  return { token, algorithm, kid: header.kid, payload, signature: parts[2] ?? "", hasJwtType };
}

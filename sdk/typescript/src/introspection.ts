import { base64url } from "jose";
import { LRUCache } from "lru-cache";
import { type Expected, judgeIntrospected } from "./claims.js";
import { Refusal } from "./error.js";
import type { Issuer } from "./issuer.js";
import { type JsonObject, parseObject } from "./json.js";
import type { Token } from "./token.js";
import { send } from "./transport.js";

/** How long an active answer is believed, in seconds; never beyond the token's `exp`. */
const MAX_AGE = 5;
const MAX_ANSWERS = 10_000;

/**
 * Asking the issuer about a token (RFC 7662), for opaque tokens and for routes where a revoked
 * token must stop at once.
 */
export class Introspection {
  readonly #authorization: string;
  /** Active answers by the token's SHA-256, with the time until which they are believed. */
  readonly #active = new LRUCache<string, { until: number; token: Token }>({ max: MAX_ANSWERS });

  /** Authenticates with `client_secret_basic`, each part form-encoded first (RFC 6749 §2.3.1). */
  constructor(clientId: string, clientSecret: string) {
    const encode = (part: string) => new URLSearchParams({ "": part }).toString().slice(1);
    this.#authorization = `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`;
  }

  /** Asks whether the token is active, unless the answer is still believed. */
  async check(token: string, issuer: Issuer, expected: Expected, clock: () => number): Promise<Token> {
    const key = await sha256(token);
    const known = this.#active.get(key);
    if (known && clock() < known.until) return known.token;
    const answer = await this.#ask(token, issuer);
    if (answer.active !== true) {
      this.#active.delete(key);
      throw new Refusal("inactive");
    }
    const now = clock();
    const active = judgeIntrospected(expected, answer, now);
    this.#active.set(key, { until: Math.min(active.expiresAt, now + MAX_AGE), token: active });
    return active;
  }

  async #ask(token: string, issuer: Issuer): Promise<JsonObject> {
    const { introspectionEndpoint } = await issuer.published();
    if (!introspectionEndpoint) throw new Refusal("unavailable");
    const body = new URLSearchParams({ token, token_type_hint: "access_token" });
    const headers = { authorization: this.#authorization };
    try {
      const answer = await send(issuer.fetch, introspectionEndpoint, { method: "POST", headers, body });
      const document = parseObject(answer.body);
      if (document) return document;
    } catch {
      // Whatever failed on the way, nothing was learned about the token.
    }
    throw new Refusal("unavailable");
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return base64url.encode(new Uint8Array(digest));
}

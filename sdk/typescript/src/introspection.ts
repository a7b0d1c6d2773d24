import { base64url } from "jose";
import { LRUCache } from "lru-cache";
import { checkIntrospection, type Expected } from "./claims.js";
import { Refusal } from "./error.js";
import type { Issuer } from "./issuer.js";
import { type JsonObject, parseObject } from "./json.js";
import type { Token } from "./token.js";

/** How long a response is cached, in seconds, but never beyond the token's `exp`. */
const LIFETIME = 5;
const MAX_CACHED = 10_000;

/** What a response said about a token, and when it may be used. */
interface Cached<T> {
  readonly from: number;
  readonly until: number;
  readonly outcome: T;
}

/** Token introspection (RFC 7662), for opaque tokens and for routes where revocation must take effect at once. */
export class Introspection {
  readonly #authorization: string;
  /** By the SHA-256 of the introspected token. Made-up tokens must not displace active ones: they have their own cache. */
  readonly #active = new LRUCache<string, Cached<Token>>({ max: MAX_CACHED });
  readonly #refused = new LRUCache<string, Cached<Refusal>>({ max: MAX_CACHED });
  readonly #flights = new Map<string, Promise<Token>>();

  /** Authenticates with `client_secret_basic`, each part form-encoded first (RFC 6749 §2.3.1). */
  constructor(clientId: string, clientSecret: string) {
    const encode = (part: string) => new URLSearchParams({ "": part }).toString().slice(1);
    this.#authorization = `Basic ${btoa(`${encode(clientId)}:${encode(clientSecret)}`)}`;
  }

  /** Introspects the token, unless a response is cached. Callers with the same token share one request. */
  async check(token: string, issuer: Issuer, expected: Expected, clock: () => number): Promise<Token> {
    const key = await sha256(token);
    const now = clock();
    const isFresh = ({ from, until }: Cached<unknown>) => from <= now && now < until;
    const refused = this.#refused.get(key);
    if (refused && isFresh(refused)) throw refused.outcome;
    const active = this.#active.get(key);
    if (active && isFresh(active)) return active.outcome;
    let flight = this.#flights.get(key);
    if (!flight) {
      flight = this.#introspect(key, token, issuer, expected, clock).finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
    }
    return flight;
  }

  async #introspect(
    key: string,
    token: string,
    issuer: Issuer,
    expected: Expected,
    clock: () => number,
  ): Promise<Token> {
    const response = await this.#request(token, issuer);
    const now = clock();
    this.#active.delete(key);
    try {
      const active = checkIntrospection(expected, response, now);
      this.#active.set(key, { from: now, until: Math.min(active.expiresAt, now + LIFETIME), outcome: active });
      return active;
    } catch (error) {
      if (error instanceof Refusal) this.#refused.set(key, { from: now, until: now + LIFETIME, outcome: error });
      throw error;
    }
  }

  async #request(token: string, issuer: Issuer): Promise<JsonObject> {
    const { introspectionEndpoint } = await issuer.snapshot();
    if (!introspectionEndpoint) throw new Refusal("unavailable");
    const body = new URLSearchParams({ token, token_type_hint: "access_token" });
    const headers = { authorization: this.#authorization };
    try {
      const received = await issuer.send(introspectionEndpoint, { method: "POST", headers, body });
      const response = parseObject(received.body);
      if (response) return response;
    } catch {
      // Without a response the token can be neither accepted nor refused.
    }
    throw new Refusal("unavailable");
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return base64url.encode(new Uint8Array(digest));
}

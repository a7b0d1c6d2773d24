import { Refusal } from "./error.js";
import { type JsonObject, parseObject } from "./json.js";
import { type Algorithm, isAlgorithm, type Key, keySet } from "./jwk.js";
import { type Answer, type Fetch, send } from "./transport.js";

/** How long keys are fresh when the JWKS says nothing, and the bounds within which it is believed. */
const DEFAULT_MAX_AGE = 300;
const MIN_MAX_AGE = 60;
const MAX_MAX_AGE = 24 * 60 * 60;

/**
 * How long to leave the issuer alone after a fetch that failed or did not bring the wanted key:
 * tokens with made-up `kid`s must not become requests.
 */
const COOLDOWN = 10;
/** The same while nothing was ever fetched: an API that starts before its issuer catches up soon. */
const COOLDOWN_AT_START = 1;

/** One good answer of the issuer. */
export interface Published {
  readonly keys: ReadonlyMap<string, Key>;
  /** Undefined when the metadata names no algorithms. */
  readonly algorithms: readonly Algorithm[] | undefined;
  readonly introspectionEndpoint: string | undefined;
  readonly fetchedAt: number;
  readonly maxAge: number;
}

/** What the issuer publishes: fetched when first needed, kept, refreshed, and held through an outage. */
export class Issuer {
  #published: Published | undefined;
  #flight: Promise<void> | undefined;
  #lastVainFetch: number | undefined;
  #lastFetchFailed = false;

  constructor(
    /** As configured: `issuer` in the metadata must equal it exactly (RFC 8414 §3.3). */
    private readonly name: string,
    private readonly url: URL,
    readonly fetch: Fetch,
    private readonly clock: () => number,
    private readonly warn: (message: string) => void,
  ) {}

  /** What is published now, at most two lifetimes old unless the issuer is down. */
  async published(): Promise<Published> {
    const published = this.#published;
    const lifetimes = published ? this.#lifetimes(published) : Infinity;
    if (published && lifetimes < 1) return published;
    // Blocking every request on a dead issuer would spread its outage.
    if (published && (lifetimes < 2 || this.#lastFetchFailed)) {
      if (!this.#flight) void this.#refresh(published);
      return published;
    }
    return this.#refreshed(published);
  }

  /** The key for tokens that name this `kid` and `alg`, looked up again if it is not known. */
  async key(kid: string, algorithm: Algorithm): Promise<Key> {
    let published = await this.published();
    if (!published.keys.has(kid)) published = await this.#refreshed(published, kid);
    const key = published.keys.get(kid);
    if (!key) throw new Refusal(this.#lastFetchFailed ? "unavailable" : "unknown_key");
    if (published.algorithms?.includes(algorithm) === false) throw new Refusal("algorithm_not_allowed");
    if (key.algorithm !== algorithm) throw new Refusal("unknown_key");
    return key;
  }

  /** Age in whole lifetimes. A clock that was set back makes it old. */
  #lifetimes(published: Published): number {
    const age = this.clock() - published.fetchedAt;
    return age < 0 ? Infinity : Math.floor(age / published.maxAge);
  }

  async #refreshed(seen: Published | undefined, wanted?: string): Promise<Published> {
    await this.#refresh(seen, wanted);
    if (!this.#published) throw new Refusal("unavailable");
    return this.#published;
  }

  /** Single flight: those who waited find the work done. */
  async #refresh(seen: Published | undefined, wanted?: string): Promise<void> {
    while (this.#flight) await this.#flight;
    if (this.#published !== seen || this.#isCoolingDown()) return;
    this.#flight = this.#fetchAndKeep(wanted).finally(() => {
      this.#flight = undefined;
    });
    await this.#flight;
  }

  #isCoolingDown(): boolean {
    const cooldown = this.#published ? COOLDOWN : COOLDOWN_AT_START;
    return this.#lastVainFetch !== undefined && Math.abs(this.clock() - this.#lastVainFetch) < cooldown;
  }

  async #fetchAndKeep(wanted: string | undefined): Promise<void> {
    let wasInVain = true;
    try {
      this.#published = await this.#fetch();
      this.#lastFetchFailed = false;
      wasInVain = wanted !== undefined && !this.#published.keys.has(wanted);
    } catch (error) {
      this.#lastFetchFailed = true;
      this.warn(`cannot fetch the keys of ${this.name}: ${error}`);
    }
    if (wasInVain) this.#lastVainFetch = this.clock();
  }

  async #fetch(): Promise<Published> {
    const metadata = await this.#fetchMetadata();
    const jwksUri = this.#endpoint(metadata, "jwks_uri");
    if (!jwksUri) throw new Error("the metadata has no acceptable jwks_uri");
    const answer = await send(this.fetch, jwksUri);
    const jwks = parseObject(answer.body);
    const keys = jwks && (await keySet(jwks));
    if (!keys) throw new Error("the JWKS is malformed");
    return {
      keys,
      algorithms: algorithms(metadata),
      introspectionEndpoint: this.#endpoint(metadata, "introspection_endpoint"),
      fetchedAt: this.clock(),
      maxAge: maxAge(answer),
    };
  }

  /** Asks at RFC 8414's address, then at OpenID Connect Discovery's. */
  async #fetchMetadata(): Promise<JsonObject> {
    const { origin, pathname } = this.url;
    const path = pathname.replace(/\/+$/, "");
    try {
      return await this.#readMetadata(`${origin}/.well-known/oauth-authorization-server${path}`);
    } catch (error) {
      try {
        return await this.#readMetadata(`${origin}${path}/.well-known/openid-configuration`);
      } catch {
        throw error;
      }
    }
  }

  async #readMetadata(url: string): Promise<JsonObject> {
    const metadata = parseObject((await send(this.fetch, url)).body);
    if (!metadata) throw new Error("the metadata is malformed");
    if (metadata.issuer !== this.name) throw new Error("the metadata names another issuer");
    return metadata;
  }

  /** An address from the metadata, if it is as safe as the issuer's own. */
  #endpoint(metadata: JsonObject, name: string): string | undefined {
    const value = metadata[name];
    if (typeof value !== "string" || !URL.canParse(value)) return undefined;
    const url = new URL(value);
    const isSafe = url.protocol === "https:" || (isLoopback(this.url) && isLoopback(url));
    return isSafe ? value : undefined;
  }
}

/** Whether the address never leaves the machine, so that plain http is acceptable. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}

/** The issuer's own list; access tokens have none, so that of ID tokens speaks (OpenID Connect Discovery §3). */
function algorithms(metadata: JsonObject): Algorithm[] | undefined {
  const names = metadata.id_token_signing_alg_values_supported;
  return Array.isArray(names) ? names.filter(isAlgorithm) : undefined;
}

/** `max-age` less `Age` (RFC 9111 §4.2), within bounds. */
function maxAge({ headers }: Answer): number {
  const maxAge = /(?:^|,)\s*max-age=(\d+)\s*(?:,|$)/.exec(headers.get("cache-control") ?? "")?.[1];
  const age = /^\d+$/.exec(headers.get("age") ?? "")?.[0] ?? "0";
  const freshFor = maxAge === undefined ? DEFAULT_MAX_AGE : Number(maxAge) - Number(age);
  return Math.min(Math.max(freshFor, MIN_MAX_AGE), MAX_MAX_AGE);
}

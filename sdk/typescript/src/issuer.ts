import { Refusal } from "./error.js";
import { freshnessLifetime } from "./freshness.js";
import { type JsonObject, parseObject } from "./json.js";
import { type Algorithm, isAlgorithm, type Key, keySet } from "./jwk.js";
import { type Fetch, type Received, send } from "./transport.js";

/** How long keys stay fresh when the JWKS response does not say, in seconds, and the bounds when it does. */
const DEFAULT_LIFETIME = 300;
const MIN_LIFETIME = 60;
const MAX_LIFETIME = 24 * 60 * 60;

/**
 * How long the issuer is left alone after a fetch that failed or did not bring the wanted key, in seconds: tokens with
 * made-up `kid`s must not become requests.
 */
const COOLDOWN = 10;
/** The same before the first successful fetch: an API that starts before its issuer should not wait long. */
const COOLDOWN_AT_START = 1;

/** The metadata and keys of one successful fetch. */
export interface Snapshot {
  readonly keys: ReadonlyMap<string, Key>;
  /** Undefined when the metadata lists no algorithms. */
  readonly algorithms: readonly Algorithm[] | undefined;
  readonly introspectionEndpoint: string | undefined;
  readonly fetchedAt: number;
  readonly lifetime: number;
}

export interface IssuerOptions {
  readonly fetch: Fetch;
  readonly clock: () => number;
  readonly warn: (message: string) => void;
  /** How long stale keys are used while the issuer is unavailable, in seconds. */
  readonly staleIfError: number;
}

/**
 * What the issuer publishes: fetched on first use, cached, refreshed in the background, and kept through a bounded
 * outage.
 */
export class Issuer {
  #snapshot: Snapshot | undefined;
  #flight: Promise<void> | undefined;
  /** When the last fetch failed or did not bring the wanted key. */
  #lastMiss: number | undefined;
  #lastFetchFailed = false;

  constructor(
    /** As configured. The `issuer` of the metadata must equal it exactly (RFC 8414 §3.3). */
    private readonly name: string,
    private readonly url: URL,
    private readonly options: IssuerOptions,
  ) {}

  /** The current snapshot: at most two lifetimes old, unless the issuer is unavailable. */
  async snapshot(): Promise<Snapshot> {
    const snapshot = this.#snapshot;
    if (!snapshot) return this.#refreshed(undefined);
    const lifetimes = this.#lifetimes(snapshot);
    if (lifetimes < 1) return snapshot;
    // Requests must not wait for an issuer that is down.
    if (this.#lastFetchFailed ? this.#isUsable(snapshot) : lifetimes < 2) {
      if (!this.#flight) void this.#refresh(snapshot);
      return snapshot;
    }
    const newest = await this.#refreshed(snapshot);
    if (!this.#isUsable(newest)) throw new Refusal("unavailable");
    return newest;
  }

  /** The key for tokens with this `kid` and `alg`. An unknown `kid` is looked up again. */
  async key(kid: string, algorithm: Algorithm): Promise<Key> {
    let snapshot = await this.snapshot();
    if (!snapshot.keys.has(kid)) snapshot = await this.#refreshed(snapshot, kid);
    const key = snapshot.keys.get(kid);
    if (!key) throw new Refusal(this.#lastFetchFailed ? "unavailable" : "unknown_key");
    if (snapshot.algorithms?.includes(algorithm) === false) throw new Refusal("algorithm_not_allowed");
    if (key.algorithm !== algorithm) throw new Refusal("unknown_key");
    return key;
  }

  /** Sends a request and requires a 200. */
  send(url: string, init?: RequestInit): Promise<Received> {
    return send(this.options.fetch, url, init);
  }

  /** Age in whole lifetimes. If the clock was set back, the age is unknown and counts as old. */
  #lifetimes(snapshot: Snapshot): number {
    const age = this.options.clock() - snapshot.fetchedAt;
    return age < 0 ? Infinity : Math.floor(age / snapshot.lifetime);
  }

  /** Whether the keys may be used although they cannot be refreshed (RFC 5861 §4). */
  #isUsable(snapshot: Snapshot): boolean {
    const age = Math.abs(this.options.clock() - snapshot.fetchedAt);
    return age < snapshot.lifetime + this.options.staleIfError;
  }

  async #refreshed(seen: Snapshot | undefined, kid?: string): Promise<Snapshot> {
    await this.#refresh(seen, kid);
    if (!this.#snapshot) throw new Refusal("unavailable");
    return this.#snapshot;
  }

  /** Single flight: a caller that waited finds a newer snapshot than it has `seen`. */
  async #refresh(seen: Snapshot | undefined, kid?: string): Promise<void> {
    while (this.#flight) await this.#flight;
    if (this.#snapshot !== seen || this.#isCoolingDown()) return;
    this.#flight = this.#fetchAndStore(kid).finally(() => {
      this.#flight = undefined;
    });
    await this.#flight;
  }

  #isCoolingDown(): boolean {
    const cooldown = this.#snapshot ? COOLDOWN : COOLDOWN_AT_START;
    return this.#lastMiss !== undefined && Math.abs(this.options.clock() - this.#lastMiss) < cooldown;
  }

  async #fetchAndStore(kid: string | undefined): Promise<void> {
    let isMiss = true;
    try {
      this.#snapshot = await this.#fetch();
      this.#lastFetchFailed = false;
      isMiss = kid !== undefined && !this.#snapshot.keys.has(kid);
    } catch (error) {
      this.#lastFetchFailed = true;
      this.options.warn(`cannot fetch the keys of ${this.name}: ${error}`);
    }
    if (isMiss) this.#lastMiss = this.options.clock();
  }

  async #fetch(): Promise<Snapshot> {
    const metadata = await this.#fetchMetadata();
    const jwksUri = this.#endpoint(metadata, "jwks_uri");
    if (!jwksUri) throw new Error("the metadata has no acceptable jwks_uri");
    const received = await this.send(jwksUri);
    const jwks = parseObject(received.body);
    const keys = jwks && (await keySet(jwks));
    if (!keys) throw new Error("the JWKS is malformed");
    return {
      keys,
      algorithms: algorithms(metadata),
      introspectionEndpoint: this.#endpoint(metadata, "introspection_endpoint"),
      fetchedAt: this.options.clock(),
      lifetime: lifetime(received),
    };
  }

  /**
   * Fetches from the well-known URI of RFC 8414 §3, then from that of OpenID Connect Discovery. If both fail, the first
   * error counts.
   */
  async #fetchMetadata(): Promise<JsonObject> {
    const { origin, pathname } = this.url;
    const path = pathname.replace(/\/+$/, "");
    try {
      return await this.#fetchMetadataAt(`${origin}/.well-known/oauth-authorization-server${path}`);
    } catch (error) {
      try {
        return await this.#fetchMetadataAt(`${origin}${path}/.well-known/openid-configuration`);
      } catch {
        throw error;
      }
    }
  }

  async #fetchMetadataAt(url: string): Promise<JsonObject> {
    const metadata = parseObject((await this.send(url)).body);
    if (!metadata) throw new Error("the metadata is malformed");
    if (metadata.issuer !== this.name) throw new Error("the metadata names another issuer");
    return metadata;
  }

  /** A URI of the metadata, if it is as safe as the issuer's own. */
  #endpoint(metadata: JsonObject, name: string): string | undefined {
    const value = metadata[name];
    if (typeof value !== "string" || !URL.canParse(value)) return undefined;
    const url = new URL(value);
    const isSafe = url.protocol === "https:" || (isLoopback(this.url) && isLoopback(url));
    return isSafe ? value : undefined;
  }
}

/** Whether requests to the URI stay on the machine, so that plain http is acceptable. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}

/**
 * The algorithms of ID tokens, which are those of access tokens too: no metadata lists the latter (OpenID Connect
 * Discovery §3).
 */
function algorithms(metadata: JsonObject): Algorithm[] | undefined {
  const names = metadata.id_token_signing_alg_values_supported;
  return Array.isArray(names) ? names.filter(isAlgorithm) : undefined;
}

/** How long the response stays fresh, within bounds. */
function lifetime({ headers }: Received): number {
  return Math.min(Math.max(freshnessLifetime(headers) ?? DEFAULT_LIFETIME, MIN_LIFETIME), MAX_LIFETIME);
}

import { compactVerify } from "jose";
import { decodeBase64url } from "./base64url.js";
import { bearer } from "./bearer.js";
import { checkClaims, type Expected, refuseIdToken } from "./claims.js";
import { type ReasonCode, Refusal, VerifyError } from "./error.js";
import { Introspection } from "./introspection.js";
import { Issuer, isLoopback } from "./issuer.js";
import { parseObject } from "./json.js";
import { parseJws } from "./jws.js";
import {
  type ResourceMetadata,
  resourceMetadata,
  resourceMetadataPath,
  resourceMetadataUrl,
} from "./resource-metadata.js";
import type { Token } from "./token.js";
import type { Fetch } from "./transport.js";

export interface Options {
  /** The scopes that the resource metadata lists. */
  scopesSupported?: readonly string[];
  /**
   * Also accepts tokens whose `typ` is `JWT`, for a resource server that is registered with this token type. ID tokens,
   * which have it too, are refused by their claims.
   */
  acceptTypJwt?: boolean;
  /**
   * How long stale keys are used while the issuer is unavailable, in seconds (RFC 5861 §4). The default is 24 hours.
   * After that, requests are refused with a 503 until the keys can be fetched again.
   */
  staleIfError?: number;
  /**
   * The longest accepted time between `iat` and `exp`, in seconds. The default is 24 hours, the longest that an issuer
   * can be configured to. Set it to the lifetime that this resource server's tokens have, so that a leaked key signs
   * none with a longer one.
   */
  maxLifetime?: number;
  /** How to reach the issuer, instead of the global `fetch`. */
  fetch?: Fetch;
  /** The time in whole seconds since 1970-01-01T00:00:00Z, for tests. */
  clock?: () => number;
  /** Where an unavailable issuer is reported. The default is `console.warn`. */
  warn?: (message: string) => void;
}

interface Shared {
  readonly issuer: Issuer;
  readonly expected: Expected;
  readonly clock: () => number;
  readonly resourceMetadata: ResourceMetadata;
  readonly acceptTypJwt: boolean;
}

const DAY = 24 * 60 * 60;

/** Verifies access tokens of one issuer for one audience. Create one and share it. */
export class Verifier {
  readonly #shared: Shared;
  readonly #introspection: Introspection | undefined;

  private constructor(shared: Shared, introspection?: Introspection) {
    this.#shared = shared;
    this.#introspection = introspection;
  }

  /**
   * A verifier for tokens that `issuer` (an https URL, or http on loopback) issues for `audience`: this resource
   * server's identifier (RFC 8707).
   *
   * Does no I/O: metadata and keys are fetched when the first token arrives.
   *
   * @throws TypeError when the issuer is not an acceptable URL or the audience is empty.
   */
  static discover(issuer: string, audience: string, options: Options = {}): Verifier {
    const url = issuerUrl(issuer);
    if (!audience) throw new TypeError("the audience must not be empty");
    const {
      scopesSupported = [],
      acceptTypJwt = false,
      staleIfError = DAY,
      maxLifetime = DAY,
      fetch = (url, init) => globalThis.fetch(url, init),
      clock = () => Math.floor(Date.now() / 1000),
      warn = console.warn,
    } = options;
    return new Verifier({
      issuer: new Issuer(issuer, url, { fetch, clock, warn, staleIfError }),
      expected: { issuer, audience, maxLifetime, resourceMetadata: resourceMetadataUrl(audience) },
      clock,
      resourceMetadata: resourceMetadata(issuer, audience, scopesSupported),
      acceptTypJwt,
    });
  }

  /**
   * A verifier with the same keys that also introspects each token (RFC 7662), authenticating with
   * `client_secret_basic`. It accepts opaque tokens too. Scopes that were revoked since the token was issued do not
   * count.
   *
   * A response is cached for 5 s, but never beyond `exp`. Callers with the same token share one request.
   */
  introspecting(clientId: string, clientSecret: string): Verifier {
    return new Verifier(this.#shared, new Introspection(clientId, clientSecret));
  }

  /**
   * Verifies an access token: the part of the `Authorization` header after `Bearer`.
   *
   * @throws VerifyError which knows its response.
   */
  async verify(token: string): Promise<Token> {
    return this.#orRefuse(() => this.#check(token));
  }

  /**
   * Verifies the token in the values of a request's `Authorization` headers.
   *
   * @throws VerifyError which knows its response.
   */
  async authenticate(authorization: readonly string[]): Promise<Token> {
    return this.#orRefuse(() => this.#check(bearer(authorization)));
  }

  /** This resource server's metadata (RFC 9728). */
  get resourceMetadata(): ResourceMetadata {
    return this.#shared.resourceMetadata;
  }

  /** The path of the metadata (RFC 9728 §3). */
  get resourceMetadataPath(): string {
    return resourceMetadataPath(this.#shared.expected.audience);
  }

  /** A refusal with this verifier's challenge. */
  refuse(reason: ReasonCode, about?: string): VerifyError {
    return new VerifyError(reason, about, this.#shared.expected.resourceMetadata);
  }

  async #orRefuse(check: () => Promise<Token>): Promise<Token> {
    try {
      return await check();
    } catch (error) {
      throw error instanceof Refusal ? this.refuse(error.reason, error.about) : error;
    }
  }

  async #check(token: string): Promise<Token> {
    const { issuer, expected, clock } = this.#shared;
    if (!this.#introspection) return this.#checkSigned(token);
    if (token.split(".").length !== 3) return this.#introspection.check(token, issuer, expected, clock);
    // A token that is refused without the issuer's help costs no request.
    const signed = await this.#checkSigned(token);
    const active = await this.#introspection.check(token, issuer, expected, clock);
    return signed.narrowedTo(active);
  }

  async #checkSigned(token: string): Promise<Token> {
    const { issuer, expected, clock, acceptTypJwt } = this.#shared;
    const unverified = parseJws(token, acceptTypJwt);
    const { algorithm } = unverified;
    const key = await issuer.key(unverified.kid, algorithm);
    if (!decodeBase64url(unverified.signature)) throw new Refusal("bad_signature");
    try {
      await compactVerify(token, key.publicKey, { algorithms: [algorithm] });
    } catch {
      throw new Refusal("bad_signature");
    }
    const claims = parseObject(unverified.payload);
    if (!claims) throw new Refusal("malformed");
    if (unverified.hasJwtType) refuseIdToken(claims);
    return checkClaims(expected, claims, key, clock());
  }
}

/** An issuer as in RFC 8414 §2, with http on loopback only. */
function issuerUrl(issuer: string): URL {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || url.username || url.password || /[?#]/.test(issuer)) {
    throw new TypeError("the issuer must be an absolute URL without query, fragment or user information");
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))) {
    throw new TypeError("the issuer must be https (plain http only on a loopback address)");
  }
  return url;
}

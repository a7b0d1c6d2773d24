import { compactVerify } from "jose";
import { decodeBase64url } from "./base64url.js";
import { bearer } from "./bearer.js";
import { type Expected, judge } from "./claims.js";
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
  /** The scopes that the RFC 9728 document lists. */
  scopesSupported?: readonly string[];
  /** How to reach the issuer, in place of the global `fetch`. */
  fetch?: Fetch;
  /** The time in whole seconds since 1970, for tests. */
  clock?: () => number;
  /** Where an unreachable issuer is reported; `console.warn` if not given. */
  warn?: (message: string) => void;
}

interface Shared {
  readonly issuer: Issuer;
  readonly expected: Expected;
  readonly clock: () => number;
  readonly resourceMetadata: ResourceMetadata;
}

/** Verifies access tokens of one issuer for one audience. Make one and share it. */
export class Verifier {
  readonly #shared: Shared;
  readonly #introspection: Introspection | undefined;

  private constructor(shared: Shared, introspection?: Introspection) {
    this.#shared = shared;
    this.#introspection = introspection;
  }

  /**
   * A verifier for tokens that `issuer` (an https URL; http on loopback) made for `audience` (this
   * resource server's identifier, RFC 8707).
   *
   * Does no I/O: metadata and keys are fetched when the first token arrives.
   *
   * @throws TypeError when the issuer is no acceptable URL or the audience is empty.
   */
  static discover(issuer: string, audience: string, options: Options = {}): Verifier {
    const url = issuerUrl(issuer);
    if (!audience) throw new TypeError("the audience must not be empty");
    const {
      scopesSupported = [],
      fetch = (url, init) => globalThis.fetch(url, init),
      clock = () => Math.floor(Date.now() / 1000),
      warn = console.warn,
    } = options;
    return new Verifier({
      issuer: new Issuer(issuer, url, fetch, clock, warn),
      expected: { issuer, audience, resourceMetadata: resourceMetadataUrl(audience) },
      clock,
      resourceMetadata: resourceMetadata(issuer, audience, scopesSupported),
    });
  }

  /**
   * A verifier over the same keys that also asks the issuer whether each token is still active
   * (RFC 7662), authenticating with `client_secret_basic`. It accepts opaque tokens too. Scopes that
   * were taken back since the token was made do not count.
   *
   * An active answer is believed for 5 s, never beyond `exp`.
   */
  introspecting(clientId: string, clientSecret: string): Verifier {
    return new Verifier(this.#shared, new Introspection(clientId, clientSecret));
  }

  /**
   * Verifies an access token: the part of the `Authorization` header after `Bearer`.
   *
   * @throws VerifyError ready to be answered with.
   */
  async verify(token: string): Promise<Token> {
    return this.#orRefuse(() => this.#check(token));
  }

  /**
   * Verifies the token in the values of a request's `Authorization` headers.
   *
   * @throws VerifyError ready to be answered with.
   */
  async authenticate(authorization: readonly string[]): Promise<Token> {
    return this.#orRefuse(() => this.#check(bearer(authorization)));
  }

  /** What this resource server publishes about itself (RFC 9728). */
  get resourceMetadata(): ResourceMetadata {
    return this.#shared.resourceMetadata;
  }

  /** The path to publish it at (RFC 9728 §3). */
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
    // What is no good by itself is not worth a question.
    const signed = await this.#checkSigned(token);
    const active = await this.#introspection.check(token, issuer, expected, clock);
    return signed.narrowedTo(active);
  }

  async #checkSigned(token: string): Promise<Token> {
    const { issuer, expected, clock } = this.#shared;
    const unverified = parseJws(token);
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
    return judge(expected, claims, clock());
  }
}

/** RFC 8414 §2, with plain http for loopback only. */
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

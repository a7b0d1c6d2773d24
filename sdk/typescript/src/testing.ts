/**
 * An issuer in the same process, for the tests of an API. It needs no network beyond loopback.
 *
 * ```ts
 * import { Issuer } from "@writ/verifier/testing";
 *
 * const issuer = await Issuer.start();
 * const verifier = Verifier.discover(issuer.url, "https://talk.example");
 * const valid = await issuer.token("https://talk.example").subject("mina").scope("message:read").sign();
 * const expired = await issuer.token("https://talk.example").expired().sign();
 * await issuer.stop();
 * ```
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { base64url, calculateJwkThumbprint, CompactSign, type CryptoKey, decodeJwt, exportJWK, generateKeyPair } from "jose";

/** The algorithm of a signing key. */
export type SigningAlgorithm = "ES256" | "RS256" | "EdDSA";

interface SigningKey {
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: CryptoKey;
  /** The public JWK; its `kid` is the RFC 7638 thumbprint. */
  readonly jwk: Record<string, unknown> & { kid: string };
}

async function generateKey(algorithm: SigningAlgorithm): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const members = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(members);
  return { algorithm, privateKey, jwk: { ...members, kid, alg: algorithm, use: "sig" } };
}

/** An issuer on a free loopback port with metadata, JWKS and introspection. */
export class Issuer {
  #keys: SigningKey[] = [];
  #isDown = false;
  #minted = 0;
  readonly #revoked = new Set<string>();
  readonly #server: Server;
  /** How many times the JWKS was requested. */
  jwksRequests = 0;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const [status, document] = await this.#respond(request);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
    });
  }

  /** Starts with one key. */
  static async start(algorithm: SigningAlgorithm = "ES256"): Promise<Issuer> {
    const issuer = new Issuer();
    await issuer.rotate(algorithm);
    await new Promise<void>((resolve) => issuer.#server.listen(0, "127.0.0.1", resolve));
    return issuer;
  }

  /** Stops the server and closes its connections. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The issuer identifier. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** A valid token for `audience` with a lifetime of five minutes, to be changed and signed. */
  token(audience: string): TokenBuilder {
    const key = this.#keys.at(-1);
    if (!key) throw new Error("an issuer always has a key");
    return new TokenBuilder(key, this.url, audience, `token-${this.#minted++}`);
  }

  /** Adds a key and signs with it from now on. Old keys stay published. */
  async rotate(algorithm: SigningAlgorithm = "ES256"): Promise<void> {
    this.#keys.push(await generateKey(algorithm));
  }

  /** Stops publishing all keys but the current one. */
  withdrawOldKeys(): void {
    this.#keys = this.#keys.slice(-1);
  }

  /** Revokes a token: introspection reports it as inactive. */
  revoke(token: string): void {
    this.#revoked.add(token);
  }

  /** Responds to every request with 503 until called with `false`. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown;
  }

  async #respond(request: IncomingMessage): Promise<[number, object]> {
    if (this.#isDown) return [503, {}];
    switch (`${request.method} ${request.url}`) {
      case "GET /.well-known/oauth-authorization-server":
      case "GET /.well-known/openid-configuration":
        return [200, { issuer: this.url, jwks_uri: `${this.url}/jwks`, introspection_endpoint: `${this.url}/introspect` }];
      case "GET /jwks":
        this.jwksRequests++;
        return [200, { keys: this.#keys.map((key) => key.jwk) }];
      case "POST /introspect":
        return this.#introspect(request);
      default:
        return [404, {}];
    }
  }

  /** Returns the token's own claims, unless it was revoked. */
  async #introspect(request: IncomingMessage): Promise<[number, object]> {
    if (!request.headers.authorization?.startsWith("Basic ")) return [401, {}];
    const token = new URLSearchParams(await text(request)).get("token");
    if (token === null) return [400, {}];
    try {
      return [200, { ...decodeJwt(token), active: !this.#revoked.has(token) }];
    } catch {
      return [200, { active: false }];
    }
  }
}

/** Builds an access token. It is valid unless changed. */
export class TokenBuilder {
  #key: SigningKey;
  readonly #header: Record<string, unknown>;
  readonly #claims: Record<string, unknown>;

  constructor(key: SigningKey, issuer: string, audience: string, jti: string) {
    const now = Math.floor(Date.now() / 1000);
    this.#key = key;
    this.#header = { typ: "at+jwt", alg: key.algorithm, kid: key.jwk.kid };
    this.#claims = {
      iss: issuer,
      aud: audience,
      sub: "alice",
      client_id: "shop",
      scope: "",
      jti,
      iat: now,
      auth_time: now,
      exp: now + 300,
    };
  }

  /** Sets `sub`. The default is `alice`. */
  subject(subject: string): this {
    return this.claim("sub", subject);
  }

  /** Sets `client_id`. The default is `shop`. */
  clientId(clientId: string): this {
    return this.claim("client_id", clientId);
  }

  /** Sets `scope`, space-delimited. The default is empty. */
  scope(scope: string): this {
    return this.claim("scope", scope);
  }

  /** Sets the current actor in `act`. An actor that was set earlier becomes the prior actor (RFC 8693 §4.1). */
  actor(subject: string): this {
    const prior = this.#claims.act;
    return this.claim("act", { sub: subject, ...(prior !== undefined && { act: prior }) });
  }

  /** Sets `exp` to an hour ago. */
  expired(): this {
    return this.claim("exp", Math.floor(Date.now() / 1000) - 3600);
  }

  /** Sets any claim to any value. Undefined removes it. */
  claim(name: string, value: unknown): this {
    this.#claims[name] = value;
    return this;
  }

  /** Sets any header parameter to any value, such as `typ` to `JWT`. */
  header(name: string, value: unknown): this {
    this.#header[name] = value;
    return this;
  }

  /** Signs with the issuer's current key. */
  async sign(): Promise<string> {
    const signer = new CompactSign(encode(this.#claims));
    return signer.setProtectedHeader(this.#header as { alg: string }).sign(this.#key.privateKey);
  }

  /** Signs with a key that the issuer does not publish, under the current key's `kid`. */
  async signWithForeignKey(): Promise<string> {
    this.#key = await generateKey(this.#key.algorithm);
    return this.sign();
  }

  /** Sets `alg` to `none` and leaves the signature empty. */
  unsigned(): string {
    return `${this.header("alg", "none").#signingInput()}.`;
  }

  #signingInput(): string {
    return `${base64url.encode(encode(this.#header))}.${base64url.encode(encode(this.#claims))}`;
  }
}

function encode(json: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(json));
}

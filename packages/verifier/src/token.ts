import { VerifyError } from "./error.js";
import { isObject, type JsonObject } from "./json.js";

/** All claims, as signed (or as introspection answered). */
export type Claims = Readonly<JsonObject>;

/** One member of the actor chain (RFC 8693 §4.1): its `sub` and all that is said of it. */
export interface Actor {
  readonly subject: string;
  readonly claims: Claims;
}

/** A verified access token (RFC 9068). Only a `Verifier` makes one. */
export class Token {
  constructor(
    /** `sub`: the person who granted access, or the client itself under client credentials. */
    readonly subject: string,
    /** `client_id`: the app that presents the token. */
    readonly clientId: string,
    /** The granted scopes, in the token's order. */
    readonly scopes: readonly string[],
    /** `exp`: seconds since 1970-01-01T00:00:00Z. */
    readonly expiresAt: number,
    readonly claims: Claims,
    readonly resourceMetadata: string | undefined,
  ) {}

  /** Whether this exact scope was granted (scopes are case-sensitive, RFC 6749 §3.3). */
  hasScope(scope: string): boolean {
    return this.scopes.includes(scope);
  }

  /**
   * Demands a scope.
   *
   * @throws VerifyError a 403 `insufficient_scope` whose challenge names the scope (RFC 6750 §3.1).
   */
  require(scope: string): void {
    if (!this.hasScope(scope)) throw new VerifyError("insufficient_scope", scope, this.resourceMetadata);
  }

  /** The same token with only those scopes that the other one has too. */
  narrowedTo(other: Token): Token {
    const scopes = this.scopes.filter((scope) => other.hasScope(scope));
    return new Token(this.subject, this.clientId, scopes, this.expiresAt, this.claims, this.resourceMetadata);
  }

  /** `act`: who acts for the subject, the current actor first, then those before. */
  get actor(): Actor[] {
    const chain: Actor[] = [];
    for (let act = this.claims.act; isObject(act) && typeof act.sub === "string"; act = act.act) {
      chain.push({ subject: act.sub, claims: act });
    }
    return chain;
  }
}

import { VerifyError } from "./error.js";
import { isObject, type JsonObject } from "./json.js";
import { LEEWAY } from "./leeway.js";

/** All claims, as signed or as the introspection response has them. */
export type Claims = Readonly<JsonObject>;

/** One actor of the chain (RFC 8693 §4.1). The prior actor is in its claim `act`. */
export interface Actor {
  readonly subject: string;
  readonly claims: Claims;
}

/** A verified access token (RFC 9068). Only a `Verifier` makes one. */
export class Token {
  constructor(
    /** `sub`: the user who granted access, or the client itself under the client credentials grant. */
    readonly subject: string,
    /** `client_id`: the client that the token was issued to. */
    readonly clientId: string,
    /** The granted scopes, in the token's order. */
    readonly scopes: readonly string[],
    /** `exp`: seconds since 1970-01-01T00:00:00Z. */
    readonly expiresAt: number,
    /** When it was verified: seconds since 1970-01-01T00:00:00Z. */
    readonly verifiedAt: number,
    readonly claims: Claims,
    readonly resourceMetadata: string | undefined,
  ) {}

  /** Whether this exact scope was granted. Scopes are case-sensitive (RFC 6749 §3.3). */
  hasScope(scope: string): boolean {
    return this.scopes.includes(scope);
  }

  /**
   * Requires a scope.
   *
   * @throws VerifyError a 403 `insufficient_scope` whose challenge names the scope (RFC 6750 §3.1).
   */
  require(scope: string): void {
    if (!this.hasScope(scope)) throw new VerifyError("insufficient_scope", scope, this.resourceMetadata);
  }

  /**
   * Requires an authentication of the user (RFC 9470 §3): by one of the methods in `acrValues` (any if empty), and at
   * most `maxAge` seconds ago, with 30 s of leeway.
   *
   * @throws VerifyError a 401 `insufficient_user_authentication` whose challenge has these parameters.
   */
  requireAuthentication({ acrValues = [], maxAge }: { acrValues?: readonly string[]; maxAge?: number }): void {
    const { acr, auth_time: authTime } = this.claims;
    const isMethodAccepted = acrValues.length === 0 || (typeof acr === "string" && acrValues.includes(acr));
    const isRecent =
      maxAge === undefined || (typeof authTime === "number" && authTime >= this.verifiedAt - maxAge - LEEWAY);
    if (isMethodAccepted && isRecent) return;
    const parameters = [];
    if (acrValues.length > 0) parameters.push(`acr_values="${acrValues.join(" ")}"`);
    if (maxAge !== undefined) parameters.push(`max_age="${maxAge}"`);
    throw new VerifyError("insufficient_user_authentication", parameters.join(", "), this.resourceMetadata);
  }

  /** The same token with only those scopes that the other one has too. */
  narrowedTo(other: Token): Token {
    const scopes = this.scopes.filter((scope) => other.hasScope(scope));
    return new Token(
      this.subject,
      this.clientId,
      scopes,
      this.expiresAt,
      this.verifiedAt,
      this.claims,
      this.resourceMetadata,
    );
  }

  /** `act`: who acts for the subject, the current actor first, then prior ones. Empty without delegation. */
  get actor(): Actor[] {
    const chain: Actor[] = [];
    for (let act = this.claims.act; isObject(act) && typeof act.sub === "string"; act = act.act) {
      chain.push({ subject: act.sub, claims: act });
    }
    return chain;
  }
}

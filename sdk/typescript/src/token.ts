import { VerifyError } from "./error.js";
import { isObject, type JsonObject } from "./json.js";

/** How far clocks may disagree, in seconds. */
export const LEEWAY = 30;

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
    /** When it was verified: seconds since 1970-01-01T00:00:00Z. */
    readonly verifiedAt: number,
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

  /**
   * Demands that the person signed in in one of the ways of `acrValues` (none named: in any), and not more than `maxAge` seconds
   * ago, with 30 s of leeway (RFC 9470 §3).
   *
   * @throws VerifyError a 401 `insufficient_user_authentication` whose challenge says what is demanded.
   */
  requireAuthentication({ acrValues = [], maxAge }: { acrValues?: readonly string[]; maxAge?: number }): void {
    const { acr, auth_time: authTime } = this.claims;
    const rightWay = acrValues.length === 0 || (typeof acr === "string" && acrValues.includes(acr));
    const recent =
      maxAge === undefined || (typeof authTime === "number" && authTime >= this.verifiedAt - maxAge - LEEWAY);
    if (rightWay && recent) return;
    const demanded = [];
    if (acrValues.length > 0) demanded.push(`acr_values="${acrValues.join(" ")}"`);
    if (maxAge !== undefined) demanded.push(`max_age="${maxAge}"`);
    throw new VerifyError("insufficient_user_authentication", demanded.join(", "), this.resourceMetadata);
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

  /** `act`: who acts for the subject, the current actor first, then those before. */
  get actor(): Actor[] {
    const chain: Actor[] = [];
    for (let act = this.claims.act; isObject(act) && typeof act.sub === "string"; act = act.act) {
      chain.push({ subject: act.sub, claims: act });
    }
    return chain;
  }
}

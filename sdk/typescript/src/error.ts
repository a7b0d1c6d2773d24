/** Why a request was refused. The codes are stable and the same in the verifiers of all languages. */
export type ReasonCode = keyof typeof DESCRIPTIONS;

const DESCRIPTIONS = {
  missing_token: "an access token is required",
  malformed_request: "the Authorization header must be Bearer and one token",
  oversized: "the token is longer than 16384 bytes",
  malformed: "the token is not a well-formed signed JWT",
  critical_header: "the token requires an extension that is not supported",
  wrong_type: "the token is not an access token (typ must be at+jwt)",
  algorithm_not_allowed: "the token's algorithm is not allowed",
  unknown_key: "the token's key is not published by the issuer",
  bad_signature: "the token's signature is not valid",
  invalid_claim: "the claim {} is missing or malformed",
  wrong_issuer: "the token is from another issuer",
  wrong_audience: "the token is for another audience",
  expired: "the token has expired",
  not_yet_valid: "the token is not valid yet",
  issued_in_future: "the token was issued in the future",
  excessive_lifetime: "the token lives longer than the issuer allows",
  key_retired: "the token was issued after its key was retired",
  sender_constrained: "the token is bound to a key and is not a bearer token",
  inactive: "the token is not active",
  insufficient_scope: "the scope {} is required",
  insufficient_user_authentication: "a more recent or another authentication is required",
  unavailable: "the issuer cannot be reached",
} as const;

/** The cause alone. The verifier turns it into a `VerifyError` with its challenge. */
export class Refusal extends Error {
  constructor(
    readonly reason: ReasonCode,
    /** The claim or scope in question. */
    readonly about = "",
  ) {
    super(reason);
  }
}

/**
 * A refused request: its cause, HTTP status and `WWW-Authenticate` challenge.
 *
 * Express and Fastify respond to a thrown error with its `statusCode` and `headers`.
 */
export class VerifyError extends Error {
  override readonly name = "VerifyError";
  /** 400, 401 or 403 (RFC 6750 §3.1), or 503 when the issuer cannot be reached. */
  readonly status: number;
  readonly statusCode: number;
  /** The error code of RFC 6750 §3.1. Undefined when no token was sent. */
  readonly error: string | undefined;
  /** The value of `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1). Undefined for a 503. */
  readonly challenge: string | undefined;
  /** The headers of the response. */
  readonly headers: Record<string, string>;

  constructor(
    readonly reason: ReasonCode,
    about = "",
    resourceMetadata?: string,
  ) {
    super(DESCRIPTIONS[reason].replace("{}", about));
    const [status, error] = statusAndError(reason);
    this.status = this.statusCode = status;
    this.error = error;
    this.challenge = this.#challenge(about, resourceMetadata);
    this.headers = this.challenge === undefined ? { "retry-after": "5" } : { "www-authenticate": this.challenge };
  }

  #challenge(about: string, resourceMetadata: string | undefined): string | undefined {
    if (this.reason === "unavailable") return undefined;
    const parameters = [];
    if (this.error) parameters.push(`error="${this.error}"`, `error_description="${this.message}"`);
    if (this.reason === "insufficient_scope") parameters.push(`scope="${about}"`);
    if (this.reason === "insufficient_user_authentication") parameters.push(about);
    if (resourceMetadata) parameters.push(`resource_metadata="${resourceMetadata}"`);
    return ["Bearer", parameters.join(", ")].filter(Boolean).join(" ");
  }

  /** The JSON body of the response. */
  toJSON(): { error: string; error_description: string } {
    const error = this.error ?? (this.reason === "unavailable" ? "temporarily_unavailable" : "invalid_request");
    return { error, error_description: this.message };
  }
}

function statusAndError(reason: ReasonCode): [number, string | undefined] {
  switch (reason) {
    case "missing_token":
      return [401, undefined];
    case "malformed_request":
      return [400, "invalid_request"];
    case "insufficient_scope":
      return [403, "insufficient_scope"];
    case "insufficient_user_authentication":
      return [401, "insufficient_user_authentication"];
    case "unavailable":
      return [503, undefined];
    default:
      return [401, "invalid_token"];
  }
}

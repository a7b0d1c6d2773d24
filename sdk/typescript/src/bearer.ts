import { Refusal } from "./error.js";

/**
 * Reads the token from the values of a request's `Authorization` headers (RFC 6750 §2.1).
 *
 * @throws Refusal `missing_token` when there is no header or it is of another scheme, `malformed_request`
 *   when it is repeated or is not `Bearer` and one token.
 */
export function bearer(values: readonly string[]): string {
  const [value, ...more] = values;
  if (value === undefined) throw new Refusal("missing_token");
  if (more.length > 0) throw new Refusal("malformed_request");
  const [, scheme = "", rest = ""] = /^([^ ]*) ?(.*)$/s.exec(value) ?? [];
  if (scheme.toLowerCase() !== "bearer") throw new Refusal("missing_token");
  const token = rest.replace(/^ +| +$/g, "");
  if (!/^[A-Za-z0-9\-._~+/=]+$/.test(token)) throw new Refusal("malformed_request");
  return token;
}

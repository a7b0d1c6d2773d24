import type { Token } from "./token.js";

const tokens = new WeakMap<object, Token>();

export function keepToken(request: object, token: Token): void {
  tokens.set(request, token);
}

/**
 * The token of a request that `protect` let through.
 *
 * @throws TypeError when the route is not protected.
 */
export function tokenOf(request: object): Token {
  const token = tokens.get(request);
  if (!token) throw new TypeError("the route is not protected: add protect(verifier)");
  return token;
}

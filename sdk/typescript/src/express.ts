/**
 * Express: a middleware that requires a token, and the resource metadata (RFC 9728).
 *
 * ```ts
 * app.use(resourceMetadata(verifier));
 * app.get("/messages", protect(verifier, "message:read"), (request, response) => {
 *   response.send(`messages of ${tokenOf(request).subject}`);
 * });
 * ```
 *
 * Express turns a `VerifyError` that a handler throws into a response with its status and challenge.
 */
import type { RequestHandler } from "express";
import { VerifyError } from "./error.js";
import { keepToken } from "./request-token.js";
import type { Verifier } from "./verifier.js";

export { tokenOf } from "./request-token.js";

/** Lets only requests with a valid token through, and with this scope if one is given. */
export function protect(verifier: Verifier, scope?: string): RequestHandler {
  return async (request, response, next) => {
    try {
      const token = await verifier.authenticate(request.headersDistinct.authorization ?? []);
      if (scope !== undefined) token.require(scope);
      keepToken(request, token);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      response.status(error.status).set(error.headers).json(error);
      return;
    }
    next();
  };
}

/** Serves the resource metadata at its path. */
export function resourceMetadata(verifier: Verifier): RequestHandler {
  return (request, response, next) => {
    if (request.method !== "GET" || request.path !== verifier.resourceMetadataPath) return next();
    response.set("access-control-allow-origin", "*").json(verifier.resourceMetadata);
  };
}

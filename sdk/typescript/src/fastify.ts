/**
 * Fastify: a hook that requires a token, and the resource metadata (RFC 9728).
 *
 * ```ts
 * app.register(resourceMetadata(verifier));
 * app.get("/messages", { onRequest: protect(verifier, "message:read") }, async (request) => {
 *   return `messages of ${tokenOf(request).subject}`;
 * });
 * ```
 *
 * Fastify turns a `VerifyError` that a handler throws into a response with its status and challenge.
 */
import type { FastifyPluginAsync, onRequestAsyncHookHandler } from "fastify";
import { VerifyError } from "./error.js";
import { keepToken } from "./request-token.js";
import type { Verifier } from "./verifier.js";

export { tokenOf } from "./request-token.js";

/** Lets only requests with a valid token through, and with this scope if one is given. */
export function protect(verifier: Verifier, scope?: string): onRequestAsyncHookHandler {
  return async (request, reply) => {
    try {
      const token = await verifier.authenticate(request.raw.headersDistinct.authorization ?? []);
      if (scope !== undefined) token.require(scope);
      keepToken(request, token);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      await reply.code(error.status).headers(error.headers).send(error.toJSON());
    }
  };
}

/** Serves the resource metadata at its path. */
export function resourceMetadata(verifier: Verifier): FastifyPluginAsync {
  return async (app) => {
    app.get(verifier.resourceMetadataPath, async (_, reply) => {
      return reply.header("access-control-allow-origin", "*").send(verifier.resourceMetadata);
    });
  };
}

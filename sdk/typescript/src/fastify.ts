/**
 * Fastify: a hook that demands a token, and the RFC 9728 document.
 *
 * ```ts
 * app.register(resourceMetadata(verifier));
 * app.get("/messages", { onRequest: protect(verifier, "message:read") }, async (request) => {
 *   return `messages of ${tokenOf(request).subject}`;
 * });
 * ```
 *
 * Fastify itself answers a `VerifyError` thrown in a handler with its status and challenge.
 */
import type { FastifyPluginAsync, onRequestAsyncHookHandler } from "fastify";
import { VerifyError } from "./error.js";
import { keepToken } from "./request-token.js";
import type { Verifier } from "./verifier.js";

export { tokenOf } from "./request-token.js";

/** Lets only requests with a good token through, and with this scope if one is named. */
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

/** Serves the RFC 9728 document at its path. */
export function resourceMetadata(verifier: Verifier): FastifyPluginAsync {
  return async (app) => {
    app.get(verifier.resourceMetadataPath, async (_, reply) => {
      return reply.header("access-control-allow-origin", "*").send(verifier.resourceMetadata);
    });
  };
}

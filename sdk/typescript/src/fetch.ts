/**
 * Servers that take a `Request` and return a `Response` (Deno, Bun, Workers, Hono).
 *
 * ```ts
 * const messages = protect(verifier, "message:read", async (request, token) => {
 *   return new Response(`messages of ${token.subject}`);
 * });
 * export default { fetch: (request: Request) => resourceMetadata(verifier, request) ?? messages(request) };
 * ```
 */
import { VerifyError } from "./error.js";
import type { Token } from "./token.js";
import type { Verifier } from "./verifier.js";

export type Handler = (request: Request, token: Token) => Response | Promise<Response>;

/** Calls the handler only for requests with a valid token, and with this scope if one is given. */
export function protect(
  verifier: Verifier,
  scope: string | undefined,
  handler: Handler,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      // Repeated headers are joined by commas, which no token contains.
      const authorization = request.headers.get("authorization");
      const token = await verifier.authenticate(authorization === null ? [] : [authorization]);
      if (scope !== undefined) token.require(scope);
      return await handler(request, token);
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      return Response.json(error, { status: error.status, headers: error.headers });
    }
  };
}

/** The resource metadata (RFC 9728) if the request is for it. */
export function resourceMetadata(verifier: Verifier, request: Request): Response | undefined {
  const isRequested = request.method === "GET" && new URL(request.url).pathname === verifier.resourceMetadataPath;
  if (!isRequested) return undefined;
  return Response.json(verifier.resourceMetadata, { headers: { "access-control-allow-origin": "*" } });
}

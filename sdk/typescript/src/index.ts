/**
 * Verify an access token in five lines, and be safe by default.
 *
 * ```ts
 * import { Verifier } from "@writ/verifier";
 *
 * const verifier = Verifier.discover("https://login.example", "https://talk.example");
 * const token = await verifier.verify(bearer);
 * token.require("message:send");
 * console.log(`${token.subject} through ${token.clientId}`);
 * ```
 *
 * Adapters: `@writ/verifier/express`, `@writ/verifier/fastify`, `@writ/verifier/fetch`.
 * For an API's tests: `@writ/verifier/testing`.
 */
export { bearer } from "./bearer.js";
export { type ReasonCode, VerifyError } from "./error.js";
export type { ResourceMetadata } from "./resource-metadata.js";
export { type Actor, type Claims, Token } from "./token.js";
export { type Options, Verifier } from "./verifier.js";

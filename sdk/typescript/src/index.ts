/**
 * Verifies the access tokens that a Writ authorization server issues, for resource servers.
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
 * For the tests of an API: `@writ/verifier/testing`.
 */
export { bearer } from "./bearer.js";
export { type ReasonCode, VerifyError } from "./error.js";
export type { ResourceMetadata } from "./resource-metadata.js";
export { type Actor, type Claims, Token } from "./token.js";
export { type Options, Verifier } from "./verifier.js";

/**
 * The smallest protected API in TypeScript: reading needs one scope; sending needs another, and a
 * token that was not revoked a moment ago.
 */
import { Verifier } from "@writ/verifier";
import { protect, resourceMetadata, tokenOf } from "@writ/verifier/express";
import express from "express";

const { ISSUER = "", AUDIENCE = "", RESOURCE_ID = "", RESOURCE_SECRET = "", PORT } = process.env;

const verifier = Verifier.discover(ISSUER, AUDIENCE, { scopesSupported: ["message:read", "message:send"] });
const careful = verifier.introspecting(RESOURCE_ID, RESOURCE_SECRET);

const api = express();
api.use(resourceMetadata(verifier));
api.get("/messages", protect(verifier, "message:read"), (request, response) => {
  response.send(`messages of ${tokenOf(request).subject}`);
});
api.post("/messages", protect(careful, "message:send"), (request, response) => {
  response.send(`sent as ${tokenOf(request).subject}`);
});
api.listen(Number(PORT), "127.0.0.1");

/** An MCP server with the official SDK and our verifier, as in docs/mcp.md. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { Verifier } from "@writ/verifier";
import { protect, resourceMetadata, tokenOf } from "@writ/verifier/express";
import express from "express";

const { ISSUER, AUDIENCE } = process.env;
const verifier = Verifier.discover(ISSUER, AUDIENCE, { scopesSupported: ["message:read", "message:send"] });

function messages() {
  const server = new McpServer({ name: "messages", version: "1" });
  server.registerTool("scopes", { description: "The scopes of the caller's token." }, ({ authInfo }) => ({
    content: [{ type: "text", text: authInfo.scopes.join(" ") }],
  }));
  return server;
}

const app = express();
// A client in a browser has another origin.
app.use((request, response, next) => {
  response.set("access-control-allow-origin", "*");
  response.set("access-control-allow-methods", "GET, POST, DELETE");
  response.set("access-control-allow-headers", "authorization, content-type, mcp-protocol-version, mcp-session-id");
  response.set("access-control-expose-headers", "www-authenticate, mcp-session-id");
  if (request.method === "OPTIONS") response.status(204).end();
  else next();
});
app.use(resourceMetadata(verifier));
app.post("/mcp", express.json(), protect(verifier, "message:read"), async (request, response) => {
  const { subject, clientId, scopes, expiresAt } = tokenOf(request);
  const token = request.headers.authorization.split(" ")[1];
  request.auth = { token, clientId, scopes: [...scopes], expiresAt, extra: { subject } };
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await messages().connect(transport);
  await transport.handleRequest(request, response, request.body);
});
app.listen(Number(new URL(AUDIENCE).port), "127.0.0.1");

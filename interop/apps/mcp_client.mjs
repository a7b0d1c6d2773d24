/** An MCP client with the official SDK, which knows the server's URL and nothing else. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { learned, open } from "./conversation.mjs";

const { AUDIENCE, REDIRECT_URI } = process.env;

/** Keeps what was learned; the redirect is the test's. */
class Memory {
  kept = {};
  redirectUrl = REDIRECT_URI;
  clientMetadata = {
    client_name: "Agent",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  state = () => "the state";
  clientInformation = () => this.kept.client;
  saveClientInformation = (client) => void (this.kept.client = client);
  tokens = () => this.kept.tokens;
  saveTokens = (tokens) => void (this.kept.tokens = tokens);
  codeVerifier = () => this.kept.verifier;
  saveCodeVerifier = (verifier) => void (this.kept.verifier = verifier);
  redirectToAuthorization = (url) => void (this.kept.url = url);
}

const memory = new Memory();
const client = () => new Client({ name: "agent", version: "1" });
const connect = async () => {
  const transport = new StreamableHTTPClientTransport(new URL(AUDIENCE), { authProvider: memory });
  try {
    const connected = client();
    await connected.connect(transport);
    return connected;
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    const callback = await open(memory.kept.url);
    await transport.finishAuth(callback.searchParams.get("code"));
    const connected = client();
    await connected.connect(new StreamableHTTPClientTransport(new URL(AUDIENCE), { authProvider: memory }));
    return connected;
  }
};

const connected = await connect();
const before = memory.kept.tokens.access_token;
const { content } = await connected.callTool({ name: "scopes", arguments: {} });
memory.kept.tokens.access_token = "expired";
const again = await connected.callTool({ name: "scopes", arguments: {} });
learned({
  scopes: content[0].text,
  scopes_after_refresh: again.content[0].text,
  refreshed: ![before, "expired"].includes(memory.kept.tokens.access_token),
});

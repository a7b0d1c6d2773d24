/** An MCP client with the official SDK in a browser, which knows the server's URL and nothing else. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";

const { audience } = await (await fetch("/settings.json")).json();
const say = (text) => (document.querySelector("#state").value = text);

/** Keeps what was learned for as long as the tab is open. */
const kept = {
  get: (name) => JSON.parse(sessionStorage.getItem(name) ?? "null") ?? undefined,
  set: (name, value) => sessionStorage.setItem(name, JSON.stringify(value)),
};
const provider = {
  redirectUrl: `${location.origin}/callback`,
  clientMetadata: {
    client_name: "Browser agent",
    redirect_uris: [`${location.origin}/callback`],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  },
  clientInformation: () => kept.get("client"),
  saveClientInformation: (client) => kept.set("client", client),
  tokens: () => kept.get("tokens"),
  saveTokens: (tokens) => kept.set("tokens", tokens),
  codeVerifier: () => kept.get("verifier"),
  saveCodeVerifier: (verifier) => kept.set("verifier", verifier),
  redirectToAuthorization: (url) => location.assign(url),
};
const transport = () => new StreamableHTTPClientTransport(new URL(audience), { authProvider: provider });

async function connect() {
  try {
    const client = new Client({ name: "browser-agent", version: "1" });
    await client.connect(transport());
    const { content } = await client.callTool({ name: "scopes", arguments: {} });
    say(`scopes: ${content[0].text}`);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) say(`failed: ${error.message}`);
  }
}

document.querySelector("#connect").onclick = connect;
const code = new URL(location).searchParams.get("code");
if (code) {
  await transport().finishAuth(code);
  await connect();
} else {
  say("ready");
}

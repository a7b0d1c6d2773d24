/** oidc-client-ts, a public client, outside a browser: its requests and checks are the same. */
import { InMemoryWebStorage, OidcClient, WebStorageStateStore } from "oidc-client-ts";
import { learned, open, settings } from "./conversation.mjs";

const { issuer, clientId, redirectUri, signedOutUri } = settings;
const client = new OidcClient({
  authority: issuer.origin,
  client_id: clientId,
  redirect_uri: redirectUri,
  post_logout_redirect_uri: signedOutUri,
  scope: "openid email offline_access message:read",
  loadUserInfo: true,
  stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
});

const request = await client.createSigninRequest({});
const tokens = await client.processSigninResponse((await open(request.url)).href);
const { sub, email } = tokens.profile;
const refreshed = await client.useRefreshToken({
  state: { ...tokens, refresh_token: tokens.refresh_token, profile: tokens.profile },
});

const signout = await client.createSignoutRequest({ id_token_hint: refreshed.id_token, state: "see you" });
const signedOut = await client.processSignoutResponse((await open(signout.url)).href);
const silent = await client.createSigninRequest({ prompt: "none" });
const refusal = await client.processSigninResponse((await open(silent.url)).href).catch((error) => error);

learned({
  sub,
  email,
  refreshed: refreshed.access_token !== tokens.access_token,
  signed_out_state: signedOut.userState,
  after_logout: refusal.error,
});

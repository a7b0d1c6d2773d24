import * as client from "openid-client";
import { learned, open, settings } from "./conversation.mjs";

const { issuer, clientId, clientSecret, redirectUri, signedOutUri } = settings;
const config = await client.discovery(issuer, clientId, undefined, client.ClientSecretBasic(clientSecret), {
  execute: [client.allowInsecureRequests],
});

const codeVerifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const parameters = {
  redirect_uri: redirectUri,
  scope: "openid email offline_access message:read",
  code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: "S256",
  state,
  nonce,
};
const callback = await open(client.buildAuthorizationUrl(config, parameters));
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: codeVerifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
const { sub } = tokens.claims();
const { email } = await client.fetchUserInfo(config, tokens.access_token, sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
await client.fetchUserInfo(config, refreshed.access_token, sub);

const signedOut = await open(
  client.buildEndSessionUrl(config, {
    id_token_hint: refreshed.id_token,
    post_logout_redirect_uri: signedOutUri,
    state: "see you",
  }),
);
const silent = await open(client.buildAuthorizationUrl(config, { ...parameters, prompt: "none" }));
const refusal = await client
  .authorizationCodeGrant(config, silent, { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce })
  .catch((error) => error);

learned({
  sub,
  email,
  refreshed: refreshed.access_token !== tokens.access_token,
  signed_out_state: signedOut.searchParams.get("state"),
  after_logout: refusal.error,
});

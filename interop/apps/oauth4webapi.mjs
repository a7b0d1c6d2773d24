import * as oauth from "oauth4webapi";
import { learned, open, settings } from "./conversation.mjs";

const { issuer, clientId, clientSecret, redirectUri, signedOutUri } = settings;
const insecure = { [oauth.allowInsecureRequests]: true };
const client = { client_id: clientId };
const authentication = oauth.ClientSecretBasic(clientSecret);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));

const codeVerifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const nonce = oauth.generateRandomNonce();
const parameters = {
  client_id: clientId,
  redirect_uri: redirectUri,
  response_type: "code",
  scope: "openid email offline_access message:read",
  code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: "S256",
  state,
  nonce,
};

// This library is used with a pushed request (RFC 9126).
const push = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, insecure);
const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, push);
const pushed = new URL(server.authorization_endpoint);
pushed.search = new URLSearchParams({ client_id: clientId, request_uri });

const callback = oauth.validateAuthResponse(server, client, await open(pushed), state);
const tokens = await oauth.processAuthorizationCodeResponse(
  server,
  client,
  await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    callback,
    redirectUri,
    codeVerifier,
    insecure,
  ),
  { expectedNonce: nonce, requireIdToken: true },
);
const { sub } = oauth.getValidatedIdTokenClaims(tokens);
const userinfo = (token) => oauth.userInfoRequest(server, client, token, insecure);
const { email } = await oauth.processUserInfoResponse(server, client, sub, await userinfo(tokens.access_token));
const refreshed = await oauth.processRefreshTokenResponse(
  server,
  client,
  await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, insecure),
);
await oauth.processUserInfoResponse(server, client, sub, await userinfo(refreshed.access_token));

const logout = new URL(server.end_session_endpoint);
logout.search = new URLSearchParams({
  id_token_hint: tokens.id_token,
  post_logout_redirect_uri: signedOutUri,
  state: "see you",
});
const signedOut = await open(logout);

const silent = new URL(server.authorization_endpoint);
silent.search = new URLSearchParams({ ...parameters, prompt: "none" });
let refusal;
try {
  oauth.validateAuthResponse(server, client, await open(silent), state);
} catch (error) {
  refusal = error.error;
}

learned({
  sub,
  email,
  refreshed: refreshed.access_token !== tokens.access_token,
  signed_out_state: signedOut.searchParams.get("state"),
  after_logout: refusal,
});

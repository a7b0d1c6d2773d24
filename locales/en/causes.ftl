# What each cause of a refusal means and how to mend it: one text for each id of src/protocol/cause.rs, read by developers of apps.

errors-heading = What errors mean
errors-lead = Each refusal of this server has a cause. The ids never change. In the log of the server, and with “writ client failures”, the operator sees what exactly was expected and what came.
errors-all = All causes

## Where no more is known than the code

cause-invalid_request = The request is not one that this server understands. The description names what is wrong with it.
cause-invalid_client = The client could not be authenticated. Compare the method and the credentials it sends with those it registered.
cause-invalid_grant = The code or token is not good, or not good for this client. Start the authorization again.
cause-unauthorized_client = The client is not registered for what it asks. Register the grant type, or use another one.
cause-unsupported_grant_type = This grant type is not built. The metadata lists those that are, in grant_types_supported.
cause-unsupported_response_type = The only response type is code. Use the authorization code flow with PKCE.
cause-invalid_scope = A scope is unknown, malformed, or not registered for the client. The metadata lists all of them in scopes_supported.
cause-invalid_target = The resource is unknown or does not own the scopes. Ask for the scopes of one resource server at a time.
cause-access_denied = The person, or the server, said no. This is an answer like any other: show it, and let the person try again if they like.
cause-server_error = Something broke on the side of the server, and is in its log. Try again later.
cause-temporarily_unavailable = The server has more to do than it can right now. Try again after the seconds named in Retry-After.
cause-login_required = With prompt=none nobody could be shown a page, and nobody is signed in, or not recently enough, or not the person you mean. Ask again without prompt=none.
cause-consent_required = With prompt=none nobody could be shown a page, and the person has not allowed all of this yet. Ask again without prompt=none.
cause-unmet_authentication_requirements = You insist on a way of signing in that this server does not have. The metadata lists what there is in acr_values_supported.
cause-invalid_request_object = The request object is not valid. Sign it with a registered key, with the client_id as iss and the issuer identifier as aud, and see that it has not expired.
cause-invalid_request_uri = The request_uri has expired, was used, or is another client’s. One is good for a minute and one answer: push the request right before the browser is sent.
cause-registration_not_supported = The parameter registration is not supported. Register the client beforehand.
cause-invalid_token = The access token is not one of this server, is malformed, or is not for this endpoint. Get another one.
cause-insufficient_scope = The access token lacks a scope. Ask the person for the scope that the challenge names, then use the new token.
cause-authorization_pending = The person has not answered yet. Keep asking at the interval that came with the device code.
cause-slow_down = The device asks too often. Wait five seconds longer between two requests from now on.
cause-expired_token = The device code has expired. Get another one and show the new code.
cause-invalid_authorization_details = This server knows no type of authorization_details. Use scopes.
cause-invalid_redirect_uri = A redirect URI cannot be registered: it has to be https, a loopback address, or an app's own scheme named after a domain, without fragment or wildcard.
cause-invalid_client_metadata = A member of the client metadata is malformed, is not supported, or contradicts another. The description names it.
cause-unapproved_software_statement = This server trusts nobody's software statements. Register without one.
cause-unsupported_token_type = This kind of token cannot be revoked.

## Any request

cause-parameter_missing = A parameter that has to be there is missing or empty. The description names it.
cause-parameter_repeated = A parameter was sent more than once. Each may be sent once at most, in the query or in the form.
cause-parameters_malformed = The parameters cannot be decoded: a percent sign without two hexadecimal digits, bytes that are not UTF-8, a control character, or too much of everything. Let a library encode them.
cause-body_not_a_form = The body has to be a form, application/x-www-form-urlencoded, and not too long. JSON is not understood here.
cause-value_too_long = The value is too long to be carried along. Keep it on your side, and send a short reference to it.
cause-too_many_requests = This network sent as many requests as it may, or all networks together did. Wait as long as Retry-After says.

## Authorization requests

cause-client_unknown = No client has this client_id. Check for a typing error, or for the id of another installation.
cause-redirect_uri_unregistered = The redirect_uri is not one that the client registered. The two are compared as strings: scheme, host, port, path, query and a final slash all count. A native app may choose the port of a loopback address, and nothing else.
cause-response_mode_unsupported = The response mode has to be query or form_post.
cause-grant_type_unregistered = The client did not register this grant type. Add it to its grant_types.
cause-code_challenge_missing = PKCE is required: send a code_challenge and code_challenge_method=S256 (RFC 7636).
cause-code_challenge_invalid = The code_challenge has to be the SHA-256 hash of the code_verifier in base64url without padding, 43 characters, and code_challenge_method has to be S256. The method plain is not accepted.
cause-nonce_missing = A client that may leave PKCE out has to ask for the scope openid and send a nonce.
cause-prompt_invalid = The parameter prompt is a list of none, login, consent and select_account, and none stands alone.
cause-max_age_invalid = The parameter max_age has to be a number of seconds: digits only.
cause-display_invalid = The parameter display has to be page, popup, touch or wap.
cause-claims_invalid = The parameter claims has to be a JSON object as in OpenID Connect Core, section 5.5.
cause-authorization_details_invalid = The parameter authorization_details has to be a JSON array of objects that each have a type (RFC 9396). This server knows none of the types yet: use scopes.
cause-authorization_details_unsupported = This server knows no type of authorization_details, and does not pass over what it cannot grant. Use scopes.
cause-id_token_hint_invalid = The id_token_hint is not an ID token of this server, or its key is long gone. An expired one will do.
cause-id_token_hint_foreign = The id_token_hint was issued to another client. Send one of your own.
cause-push_required = This client registered that it pushes its authorization requests. Send the parameters to the endpoint for pushed requests, then only client_id and request_uri with the browser (RFC 9126).
cause-request_uri_pushed = A pushed request carries its parameters itself: leave request_uri out.
cause-request_uri_unregistered = The request_uri is not one that the client registered. Add it to its request_uris; a fragment may differ.
cause-request_uri_unreachable = The request_uri does not lead to a request object: it has to answer with status 200 within five seconds, over https, without a redirect, in at most 64 KiB. The description names what it did.
cause-metadata_document_unusable = The client_id is an address, and no valid client metadata is there: JSON with the same client_id, status 200, no redirect, no secret. The description names the rule.

## Scopes and resources

cause-scope_missing = No scope was asked for, and the client has no required scope that would stand in. Send the parameter scope.
cause-scope_malformed = Scopes are separated by single spaces, and a name has no quotes, backslashes or characters outside ASCII.
cause-scope_unknown = No resource server has this scope. The metadata lists all of them in scopes_supported.
cause-scope_unregistered = The scope exists, but the client is not registered for it. Add it to the client’s scope, or leave it out.
cause-scope_of_user = The scope tells about a person, but the client acts for itself. Use the authorization code flow.
cause-scope_widened = A new token cannot allow more than the one it is made from. Ask for no more than was granted, or start a new authorization.
cause-resource_unknown = No resource server has this audience. Send its identifier exactly as it is registered.
cause-resource_ambiguous = A token is for one resource server, but the scopes belong to another one than resource names, or to several. Ask for each separately.
cause-resource_not_granted = The resource is not the one that was granted. A token for another one needs another authorization.
cause-resource_missing = Several APIs were granted. An access token is for one of them: name it with resource in the token request.

## Client authentication

cause-client_authentication_failed = The client could not be authenticated. Compare client_id, the method and the secret or key with what is registered. The answer does not say more, so that nobody can find out which clients exist; the operator’s log does.
cause-client_not_found = No client has this client_id. The answer does not say so; the log does.
cause-client_auth_method_wrong = The client authenticated by another method than the registered token_endpoint_auth_method. Some libraries choose one by themselves: set it.
cause-client_secret_wrong = The secret is not one of the client’s. After a rotation the one before stays good until the next. In a Basic header both halves are form-encoded first.
cause-public_client_refused = Only those who prove who they are may introspect tokens. Use the resource server’s own credentials.
cause-client_assertion_untrusted = The client assertion was not signed by a registered key of the client, or its type or algorithm is not allowed.
cause-client_assertion_invalid = The client assertion breaks a rule: iss and sub are the client_id, aud is the issuer identifier, it expires within the hour, and its jti was never used. The description names the rule.
cause-client_keys_unreachable = The client’s jwks_uri does not lead to its key set: it has to answer with status 200 within five seconds, over https, without a redirect, in at most 64 KiB. The description names what it did.
cause-client_unnamed = The request does not say which client sends it. Send a Basic header, a client assertion, or client_id.
cause-authorization_header_malformed = The Authorization header cannot be read: it has to be Basic, then client_id and secret, each form-encoded, joined by a colon, in base64.
cause-several_auth_methods = The request proves who sends it in more than one way. Use one.
cause-client_id_contradicted = The client_id in the form is another one than in the credentials. Leave it out, or send the same.

## Codes

cause-code_invalid = The code is not one that this client may redeem. Send it unchanged, to the server that issued it, with the client that asked for it.
cause-code_foreign = The code was issued to another client. The answer does not say so; the log does.
cause-code_revoked = What the code stands for was taken back before it was redeemed, or the account was disabled.
cause-code_expired = The code has expired. Redeem it at once, and keep clocks and queues out of the way.
cause-code_replayed = The code was redeemed before. Somebody may have copied it, so everything issued from it is revoked. If your app sends requests twice, see that it does not repeat this one.
cause-code_redirect_uri_mismatch = The redirect_uri of the token request is not the one of the authorization request. Send the same string again.
cause-code_verifier_mismatch = The code_verifier does not hash to the code_challenge. Keep one verifier for each authorization request, and do not mix those of two tabs.
cause-code_verifier_invalid = The code_verifier is missing, malformed, or was not announced by a code_challenge. It has 43 to 128 characters of A-Z a-z 0-9 - . _ ~.

## Refresh tokens, devices, delegation

cause-refresh_token_invalid = The refresh token is not one that this client may use, or no longer. Start a new authorization.
cause-refresh_token_foreign = The refresh token was issued to another client. The answer does not say so; the log does.
cause-grant_ended = What the refresh token stands for is over: it was not used for long, it reached its end, the person took it back, or the account was disabled.
cause-session_ended = The session that this access was bound to has ended: the user signed out, or it expired. Start a new authorization, or request offline_access if the app has to work while the user is away.
cause-refresh_token_replayed = The refresh token had been replaced, and its successor was used. Two hold it, so the grant is revoked. Store the new refresh token before you use the new access token, and refresh in one place at a time.
cause-token_foreign = The token was issued to another client. Only its own client can revoke it.
cause-device_code_invalid = The device code is not one that this client may redeem, or its tokens were fetched already.
cause-subject_token_invalid = The subject_token is not a live access token of this server: it expired, was revoked, or is another kind of token.
cause-token_type_unsupported = Access tokens are exchanged for access tokens, and the actor is the client that authenticates: there is no actor_token.
cause-delegation_not_allowed = The client that holds the subject token does not name this client in may_act, or too many act one for another already.

## Access tokens

cause-access_token_expired = The access token has expired. Refresh it.
cause-access_token_revoked = The access token, or what it stands for, was revoked. Refreshing may work; if it does not, ask the person again.

## Logout

cause-post_logout_redirect_uri_unregistered = The post_logout_redirect_uri is not one that the client registered. The two are compared as strings.

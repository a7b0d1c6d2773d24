# What each cause of a refusal means and how to fix it, for developers of apps: one text per id in
# crates/writ-core/src/vocabulary/cause.rs.

errors-heading = What errors mean
errors-lead = Every refusal of this server has a cause with a permanent id. The server’s log and “writ client failures” show operators the expected and the actual value.
errors-all = All causes
errors-search = Search by id, code or words
errors-search-submit = Search
errors-none = No cause has these words.

## Causes that are known only by their error code

cause-invalid_request = The request is invalid. The description says why.
cause-invalid_client = The client could not be authenticated. Compare the method and the credentials with those that it registered.
cause-invalid_grant = The code or token is not valid, or not valid for this client. Start a new authorization.
cause-unauthorized_client = The client is not registered for this request. Register the grant type, or use another one.
cause-unsupported_grant_type = This grant type is not supported. The metadata lists the supported ones in grant_types_supported.
cause-unsupported_response_type = The only supported response type is code. Use the authorization code flow with PKCE.
cause-invalid_scope = A scope is unknown, malformed, or not registered for the client. The metadata lists all scopes in scopes_supported.
cause-invalid_target = The resource is unknown or does not own the scopes. Request the scopes of one resource server at a time.
cause-access_denied = The user or the server denied the request. This is a normal response: show it, and let the user try again.
cause-server_error = The server failed. Its log has the details. Try again later.
cause-temporarily_unavailable = The server is overloaded or temporarily unavailable. Try again after the seconds in Retry-After.
cause-login_required = With prompt=none the server cannot show a page, and no user is signed in, the authentication is too old, or another user is signed in than you requested. Send the request again without prompt=none.
cause-consent_required = With prompt=none the server cannot show a page, and the user has not allowed all of this yet. Send the request again without prompt=none.
cause-unmet_authentication_requirements = The request requires an authentication method that this server does not support. The metadata lists the supported ones in acr_values_supported.
cause-invalid_request_object = The request object is not valid. Sign it with a registered key, with the client_id as iss and the issuer identifier as aud, and check that it has not expired.
cause-invalid_request_uri = The request_uri has expired, was used, or belongs to another client. It is valid for a minute and one response: push the request immediately before you redirect the browser.
cause-registration_not_supported = The parameter registration is not supported. Register the client beforehand.
cause-invalid_token = The access token was not issued by this server, is malformed, or is not for this endpoint. Get a new one.
cause-insufficient_scope = The access token lacks a scope. Request the scope named in the challenge from the user, then use the new token.
cause-authorization_pending = The user has not decided yet. Continue to poll at the interval in the device authorization response.
cause-slow_down = The device polls too often. Increase the interval by five seconds.
cause-expired_token = The device code has expired. Request a new one and show the new user code.
cause-invalid_authorization_details = This server supports no type of authorization_details. Use scopes.
cause-invalid_redirect_uri = A redirect URI cannot be registered. It must be https, a loopback address, or a private-use scheme in reverse domain form, without a fragment or wildcard.
cause-invalid_client_metadata = A member of the client metadata is malformed, not supported, or contradicts another. The description names it.
cause-unapproved_software_statement = This server does not accept software statements. Register without one.
cause-unsupported_token_type = This kind of token cannot be revoked.

## Any request

cause-parameter_missing = A required parameter is missing or empty. The description names it.
cause-parameter_repeated = A parameter was sent more than once. Send each parameter at most once, in the query or in the form.
cause-parameters_malformed = The parameters cannot be decoded: a percent sign without two hexadecimal digits, invalid UTF-8, a control character, or too much data. Use a library to encode them.
cause-body_not_a_form = The body must be a form, application/x-www-form-urlencoded, and not too long. JSON is not supported here.
cause-value_too_long = The value is too long for the server to store. Store it in your app, and send a short reference to it.
cause-too_many_requests = This network, or all networks together, sent too many requests. Wait for the seconds in Retry-After.

## Authorization requests

cause-client_unknown = No client has this client_id. Check for a typing error, or for the id of another installation.
cause-client_disabled = An administrator has disabled the client on this server. It gets no codes and no tokens until it is enabled again: writ client enable CLIENT_ID.
cause-redirect_uri_unregistered = The client did not register this redirect_uri. It is compared as a string, so scheme, host, port, path, query and a trailing slash must be equal. A native app may vary only the port of a loopback address.
cause-response_mode_unsupported = The response mode must be query or form_post.
cause-grant_type_unregistered = The client did not register this grant type. Add it to its grant_types.
cause-code_challenge_missing = PKCE is required: send a code_challenge and code_challenge_method=S256 (RFC 7636). A confidential client may send a nonce in an OpenID request instead, unless it is registered with require_pkce or the operator has set tokens.require_pkce. For software that can send neither: writ client update CLIENT_ID --unbound.
cause-code_challenge_invalid = The code_challenge must be the SHA-256 hash of the code_verifier in base64url without padding, 43 characters, and code_challenge_method must be S256. The method plain is not accepted.
cause-nonce_missing = A client that may omit PKCE must request the scope openid and send a nonce, or send a code_challenge. For software that can send neither: writ client update CLIENT_ID --unbound.
cause-prompt_invalid = The parameter prompt is a list of none, login, consent and select_account. The value none must be alone.
cause-max_age_invalid = The parameter max_age must be a number of seconds, with digits only.
cause-display_invalid = The parameter display must be page, popup, touch or wap.
cause-claims_invalid = The parameter claims must be a JSON object as in OpenID Connect Core, section 5.5.
cause-authorization_details_invalid = The parameter authorization_details must be a JSON array of objects that each have a type (RFC 9396). This server supports no types: use scopes.
cause-authorization_details_unsupported = This server supports no type of authorization_details, and does not ignore what it cannot grant. Use scopes.
cause-id_token_hint_invalid = The id_token_hint is not an ID token of this server, or its key was deleted. An expired ID token is accepted.
cause-id_token_hint_foreign = The id_token_hint was issued to another client. Send an ID token that was issued to this client.
cause-push_required = This client registered that it pushes its authorization requests. Send the parameters to the pushed authorization request endpoint, then only client_id and request_uri with the browser (RFC 9126).
cause-request_uri_pushed = A pushed request contains its parameters: omit request_uri.
cause-request_uri_unregistered = The client did not register this request_uri. Add it to request_uris; the fragment may differ.
cause-request_uri_unreachable = The request_uri did not return a request object. It must respond with status 200 within five seconds, over https, without a redirect, with at most 64 KiB.
cause-metadata_document_unusable = The client_id is a URL that did not return valid client metadata: JSON with the same client_id, status 200, no redirect, no secret. The description names the rule.

## Scopes and resources

cause-scope_missing = The request has no scope, and neither the client nor the named resource has a default scope. Send the parameter scope.
cause-scope_malformed = Scopes are separated by single spaces. A name has no quotes, backslashes or characters outside ASCII.
cause-scope_unknown = No resource server has this scope. The metadata lists all of them in scopes_supported.
cause-scope_unregistered = The scope exists, but the client is not registered for it. Add it to the client’s scope, or do not request it.
cause-scope_of_user = The scope concerns a user, but the client acts for itself. Use the authorization code flow.
cause-scope_widened = A new token cannot allow more than the one it is based on. Request at most the granted scope, or start a new authorization.
cause-resource_unknown = No resource server has this audience. Send its identifier exactly as it is registered.
cause-resource_ambiguous = A token is for one resource server, but the scopes belong to another one than resource names, or to several. Request them separately.
cause-resource_not_granted = The resource was not granted. A token for another resource needs another authorization.
cause-resource_missing = Several APIs were granted. An access token is for one of them: name it with resource in the token request.
cause-group_required = The client, or a scope that it requires, is open to some groups only, and the user is in none of them. Show this to the user. An administrator can add the user to a group with writ group add.
cause-group_left = The client is open to some groups only, and the user is not, or no longer, in one of them. Delete the token. If an administrator adds the user to a group again, the refresh token works again.
cause-acr_demanded = The client, or a group of the user, demands a stronger authentication (acr) than the one with which the user allowed the client. Delete the token and start an authorization request: the user is asked for the second factor.

## Client authentication

cause-client_authentication_failed = The client could not be authenticated. Compare client_id, the method and the secret or key with the registration. The response does not say more, so that it does not reveal which clients exist. The server’s log does.
cause-client_not_found = No client has this client_id. The response does not say so; the log does.
cause-client_auth_method_wrong = The client authenticated with another method than the registered token_endpoint_auth_method. Some libraries choose one automatically: set it.
cause-client_secret_wrong = The secret does not belong to the client. After a rotation, the previous secret is valid until the next one. In a Basic header both parts are form-encoded first.
cause-public_client_refused = Only authenticated callers may introspect tokens. Use the resource server’s own credentials.
cause-client_assertion_untrusted = The client assertion was not signed with a registered key of the client, or its type or algorithm is not allowed.
cause-client_assertion_invalid = The client assertion breaks a rule: iss and sub are the client_id, aud is the issuer identifier, it expires within an hour, and its jti is new. The description names the rule.
cause-client_keys_unreachable = The client’s jwks_uri did not return its key set. It must respond with status 200 within five seconds, over https, without a redirect, with at most 64 KiB.
cause-client_unnamed = The request does not name its client. Send a Basic header, a client assertion, or client_id.
cause-authorization_header_malformed = The Authorization header is malformed. It must be Basic, then client_id and secret, each form-encoded, joined by a colon, in base64.
cause-several_auth_methods = The request has more than one authentication method. Use one.
cause-client_id_contradicted = The client_id in the form differs from that in the credentials. Omit it, or send the same.

## Codes

cause-code_invalid = This client cannot redeem the code. Send it unchanged, to the server that issued it, with the client that requested it.
cause-code_foreign = The code was issued to another client. The response does not say so; the log does.
cause-code_revoked = The grant was revoked before the code was redeemed, or the account was disabled.
cause-code_expired = The code has expired. Redeem it immediately, without queues, and check the clocks.
cause-code_replayed = The code was redeemed before. It may have been copied, so everything issued from it is revoked. If your app repeats requests, make sure that it does not repeat this one.
cause-code_redirect_uri_mismatch = The redirect_uri of the token request differs from that of the authorization request. Send the same string again.
cause-code_verifier_mismatch = The code_verifier does not match the code_challenge. Store one verifier for each authorization request, and do not mix those of two tabs.
cause-code_verifier_invalid = The code_verifier is missing, malformed, or was sent without a code_challenge before. It has 43 to 128 characters of A-Z a-z 0-9 - . _ ~.

## Refresh tokens, devices, delegation

cause-refresh_token_invalid = This client cannot use the refresh token, or no longer can. Start a new authorization.
cause-refresh_token_foreign = The refresh token was issued to another client. The response does not say so; the log does.
cause-grant_ended = The grant has ended: it was idle for too long, it reached its end, the user revoked it, or the account was disabled.
cause-session_ended = The session that this grant was bound to has ended: the user signed out, or it expired. Start a new authorization, or request offline_access if the app must work while the user is away.
cause-refresh_token_replayed = The refresh token was replaced, and its successor was used. Two parties hold it, so the grant is revoked. Store the new refresh token before you use the new access token, and refresh in one place at a time.
cause-token_foreign = The token was issued to another client. Only that client can revoke it.
cause-device_code_invalid = This client cannot redeem the device code, or it was already redeemed.
cause-subject_token_invalid = The subject_token is not active, or is not a token of the given type from this server: it expired, was revoked, was issued to another client, or is another kind of token.
cause-token_type_unsupported = Only access tokens can be exchanged, for access tokens. The actor is the authenticated client, so there is no actor_token.
cause-delegation_not_allowed = The client that holds the subject token does not list this client in may_act, or the chain of actors is too long.
cause-assertion_untrusted = The assertion is not an identity assertion (ID-JAG) that a trusted identity provider signed. The operator lists these under identity_assertions.trusted_issuers.
cause-assertion_invalid = A claim of the assertion is missing or wrong, or the assertion was used before. The error_description says which. Request a new assertion from the identity provider.
cause-assertion_subject_unknown = The subject of the assertion is not an active user of this server. An administrator can link the user with writ user link.
cause-assertion_not_allowed = No administrator allowed this client to request identity assertions for this audience. The operator lists clients under identity_assertions.allowed.

## Access tokens

cause-access_token_expired = The access token has expired. Refresh it.
cause-access_token_revoked = The access token or its grant was revoked. Try to refresh; if that fails, start a new authorization.

## The administration API

cause-scope_administrative = Scopes of the administration API belong to clients that an operator registered on the command line, and to no user. Their tokens cannot be exchanged, and a client cannot create or change one that administers.
cause-object_unknown = Nothing has this id, or the path is no operation. It may have been deleted.
cause-method_not_allowed = No operation on this path has this method. The header Allow lists the methods that it has.
cause-object_exists = Something has this id already. Choose another one, or change the existing one.
cause-object_in_use = Users would lose something that is in use. The description says how many. Repeat the request with force=true to do it anyway.
cause-key_too_recent = The next signing key was published too recently, or does not exist yet: resource servers may not know it. Wait for the seconds in the description, or send at_once if a key has leaked.
cause-precondition_missing = A change needs the header If-Match with the ETag of the version that you have read (RFC 6585), so that two administrators do not overwrite each other.
cause-precondition_failed = It was changed or deleted since the version that If-Match names. Read it again, and decide again.
cause-idempotency_key_invalid = The header Idempotency-Key is one string of at most 255 characters, such as a UUID, with or without quotes.
cause-idempotency_key_reused = The client used this Idempotency-Key for another request within a day. Nothing was changed. Choose a new key for each change, and keep it only to repeat that change.
cause-idempotency_key_busy = A request with this Idempotency-Key was made at the same moment, and only one of them changes something. Repeat the request to get the response of that one.
cause-body_invalid = The body must be a JSON object that has only the members of the operation, with at most 16 KiB. The description says what is wrong.
cause-query_invalid = A parameter in the query is unknown to this operation, or its value is invalid. The description names it.

## Logout

cause-post_logout_redirect_uri_unregistered = The client did not register this post_logout_redirect_uri. It is compared as a string.

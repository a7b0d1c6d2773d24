//! The route table: one line per endpoint and page.

use std::sync::Arc;

use actix_cors::Cors;
use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Route, guard,
    http::header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
    middleware::{DefaultHeaders, from_fn},
    web::{Bytes, Data, PayloadConfig, ServiceConfig, delete, patch, post, put, resource, route},
};
use writ_core::{Error, vocabulary::params};

use crate::{
    acme::Authority,
    config::RegistrationMode,
    endpoints::{
        acme_challenge, admin, authorization, device_authorization, end_session, health, introspection, jwks, metadata,
        pushed_authorization, registration, revocation, token, upstream_logout, userinfo, webauthn,
    },
    pages::{
        account, accounts, app_logo, confirm_email, consent, console, device, error_docs, index, login, logout,
        not_open, recover, sign_up, step_up, take_back, terms,
    },
    server::Server,
    sessions,
    web::{
        assets, error_page, form,
        opener::{self, CROSS_ORIGIN_OPENER_POLICY},
        request_id::X_REQUEST_ID,
        speculative::speculative,
    },
};

/// Where an authority looks for the response to a challenge.
const CHALLENGE: &str = "/.well-known/acme-challenge/{token}";

/// Public documents (JWKS, metadata, liveness). They never fail, so they skip request logging and
/// the deadline.
pub fn fixed_answers(server: &Arc<Server>) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let server = Data::from(Arc::clone(server));
    move |app| {
        let public = |path: &str| resource(path).wrap(open_to_all()).wrap(any_origin());
        app.app_data(server.clone())
            .service(public("/jwks").route(get().to(jwks::jwks)))
            .service(public("/.well-known/oauth-authorization-server").route(get().to(metadata::metadata)))
            .service(public("/.well-known/openid-configuration").route(get().to(metadata::metadata)))
            // Clients insert the path of the issuer or resource here (RFC 8414 §3.1).
            .service(public("/.well-known/oauth-authorization-server/{path:.*}").route(get().to(metadata::metadata)))
            .service(public("/.well-known/openid-configuration/{path:.*}").route(get().to(metadata::metadata)))
            .route("/.well-known/webauthn", get().to(webauthn::related_origins))
            .route("/healthz", get().to(health::healthz));
    }
}

/// The routes of the listener for an authority that checks names over plain http.
pub fn plain_http(app: &mut ServiceConfig) {
    app.route(CHALLENGE, get().to(acme_challenge::respond)).default_service(route().to(acme_challenge::redirect));
}

/// Every other route.
pub fn routes(server: &Arc<Server>) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let server = Data::from(Arc::clone(server));
    move |app| {
        let open = |path: &str| resource(path).wrap(cors(Data::clone(&server)));
        let public = |path: &str| resource(path).wrap(open_to_all()).wrap(any_origin());
        if server.authority.as_ref().is_some_and(Authority::answers_over_http) {
            app.route(CHALLENGE, get().to(acme_challenge::respond));
        }
        app.app_data(PayloadConfig::new(params::MAX_LENGTH))
            // The most frequent first: a request is compared with the paths in this order.
            .service(
                resource("/authorize")
                    .wrap(from_fn(opener::keep_for_popups))
                    .route(speculative())
                    .route(get().to(authorization::authorize))
                    .route(post().to(authorization::authorize)),
            )
            // Endpoints for programs, some also for browsers from registered origins.
            .service(open("/token").route(post().to(token::token)))
            .service(open("/device_authorization").route(post().to(device_authorization::post)))
            .service(open("/par").route(post().to(pushed_authorization::post)))
            .service(open("/revoke").route(post().to(revocation::revoke)))
            .service(open("/userinfo").route(get().to(userinfo::userinfo)).route(post().to(userinfo::userinfo)))
            .service(resource("/introspect").route(post().to(introspection::introspect)))
            .service(open("/register").route(post().to(registration::register)))
            .service(
                open("/register/{client_id}")
                    .route(get().to(registration::read))
                    .route(put().to(registration::update))
                    .route(delete().to(registration::delete)),
            )
            .route("/login/with/{provider}/backchannel-logout", post().to(upstream_logout::back_channel))
            .service(
                resource("/login/with/{provider}/frontchannel-logout")
                    .route(speculative())
                    .route(get().to(upstream_logout::front_channel)),
            )
            // The pages of a flow.
            .service(
                resource("/authorize/resume")
                    .wrap(from_fn(opener::keep_for_popups))
                    .route(speculative())
                    .route(get().to(authorization::resume)),
            )
            .service(page("/login", login::get, login::post).wrap(from_fn(opener::keep_for_popups)))
            .service(page("/login/code", login::code::get, login::code::post).wrap(from_fn(opener::keep_for_popups)))
            .service(
                resource("/login/with/{provider}")
                    .wrap(from_fn(opener::keep_for_popups))
                    .route(speculative())
                    .route(get().to(login::upstream::start)),
            )
            .service(
                resource("/login/with/{provider}/callback")
                    .wrap(from_fn(opener::keep_for_popups))
                    .route(speculative())
                    .route(get().to(login::upstream::callback))
                    .route(post().to(login::upstream::posted_callback)),
            )
            .service(
                page("/login/first-time", login::first_time::get, login::first_time::post)
                    .wrap(from_fn(opener::keep_for_popups)),
            )
            .service(page("/login/link", login::link::get, login::link::post).wrap(from_fn(opener::keep_for_popups)))
            .service(page("/recover", recover::get, recover::post))
            .service(page("/recover/password", recover::password::get, recover::password::post))
            .service(page("/sign-up", sign_up::get, sign_up::post))
            .service(page("/sign-up/digits", sign_up::confirm::get_digits, sign_up::confirm::post_digits))
            .service(page("/sign-up/link", sign_up::confirm::get_link, sign_up::confirm::post_link))
            .service(page("/confirm-email", confirm_email::get, confirm_email::post))
            .service(page("/take-back", take_back::get, take_back::post))
            .service(page("/step-up", step_up::get, step_up::post).wrap(from_fn(opener::keep_for_popups)))
            .service(page("/terms", terms::get, terms::post).wrap(from_fn(opener::keep_for_popups)))
            .service(page("/accounts", accounts::get, accounts::post).wrap(from_fn(opener::keep_for_popups)))
            .service(resource("/not-open").wrap(from_fn(opener::keep_for_popups)).route(get().to(not_open::show)))
            .service(page("/consent", consent::show, consent::submit).wrap(from_fn(opener::keep_for_popups)))
            .service(page("/device", device::show, device::submit))
            .service(form_page(resource("/logout").route(speculative()).route(get().to(logout::get)), logout::post))
            .service(
                resource("/end_session")
                    .route(speculative())
                    .route(get().to(end_session::end_session))
                    .route(post().to(end_session::end_session)),
            )
            // The account pages.
            .route("/account", get().to(account::overview::show))
            .service(page("/account/apps", account::apps::show, account::apps::submit))
            .route("/account/apps/receipt", get().to(account::receipt::download))
            .service(page("/account/confirm", account::confirm::show, account::confirm::submit))
            .route("/account/data", get().to(account::data::download))
            .service(page("/account/delete", account::delete::show, account::delete::submit))
            .service(page("/account/email", account::email::show, account::email::submit))
            .service(page("/account/passkeys", account::passkeys::show, account::passkeys::submit))
            .service(page("/account/passkeys/new", account::passkeys::new::show, account::passkeys::new::submit))
            .service(form_page(resource("/account/passkeys/remove"), account::passkeys::submit_removal))
            .service(form_page(resource("/account/password/remove"), account::password::submit_removal))
            .service(page("/account/links", account::links::show, account::links::submit))
            .service(resource("/account/links/add").route(speculative()).route(get().to(account::links::add)))
            .service(page("/account/password", account::password::show, account::password::submit))
            .service(page("/account/preferences", account::preferences::show, account::preferences::submit))
            .service(page("/account/profile", account::profile::show, account::profile::submit))
            .service(page("/account/second-factor", account::second_factor::show, account::second_factor::submit))
            .service(page(
                "/account/second-factor/prove",
                account::second_factor::change::show_proof,
                account::second_factor::change::submit_proof,
            ))
            .service(page(
                "/account/second-factor/recovery-codes",
                account::second_factor::change::show_new_codes,
                account::second_factor::change::submit_new_codes,
            ))
            .service(page(
                "/account/second-factor/remove",
                account::second_factor::change::show_removal,
                account::second_factor::change::submit_removal,
            ))
            .service(page(
                "/account/second-factor/set-up",
                account::second_factor::set_up::show,
                account::second_factor::set_up::submit,
            ))
            .service(page("/account/sessions", account::sessions::show, account::sessions::submit))
            .route("/language", post().to(account::preferences::language))
            .route("/.well-known/change-password", get().to(account::password::well_known))
            .route("/", get().to(index::get))
            .route("/assets/{name}", get().to(assets::asset))
            .route("/logos/{hash}", get().to(app_logo::show))
            // The administration API, if it is on.
            .configure(administration(&server))
            // The administration console, if it is on.
            .configure(console_pages(&server))
            // Documentation for client developers.
            .service(public("/docs/errors").route(get().to(error_docs::get_index)))
            .service(public("/docs/errors/{cause}").route(get().to(error_docs::get_cause)))
            // Monitoring for operators.
            .route("/readyz", get().to(health::readyz))
            .default_service(actix_web::web::to(not_found));
    }
}

/// The administration API. Without it, its paths are unknown.
fn administration(server: &Server) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let issuer = server.settings.admin_api.enabled.then(|| server.settings.server.issuer.clone());
    move |app| {
        let Some(issuer) = issuer else { return };
        let document = Bytes::from(admin::openapi::document(&issuer).to_string());
        app.service(
            operations("/admin/v1/clients")
                .route(get().to(admin::clients::list))
                .route(post().to(admin::clients::create)),
        )
        .service(
            operations("/admin/v1/clients/{client_id}")
                .route(get().to(admin::clients::show))
                .route(patch().to(admin::clients::update))
                .route(delete().to(admin::clients::delete)),
        )
        .service(operations("/admin/v1/clients/{client_id}/disable").route(post().to(admin::client_state::disable)))
        .service(operations("/admin/v1/clients/{client_id}/enable").route(post().to(admin::client_state::enable)))
        .service(
            operations("/admin/v1/clients/{client_id}/disconnect-users")
                .route(post().to(admin::client_state::disconnect_users)),
        )
        .service(operations("/admin/v1/clients/{client_id}/approve").route(post().to(admin::clients::approve)))
        .service(
            operations("/admin/v1/clients/{client_id}/rotate-secret").route(post().to(admin::clients::rotate_secret)),
        )
        .service(
            operations("/admin/v1/users").route(get().to(admin::users::list)).route(post().to(admin::users::create)),
        )
        .service(
            operations("/admin/v1/users/{sub}")
                .route(get().to(admin::users::show))
                .route(delete().to(admin::users::delete)),
        )
        .service(operations("/admin/v1/users/{sub}/disable").route(post().to(admin::users::disable)))
        .service(operations("/admin/v1/users/{sub}/enable").route(post().to(admin::users::enable)))
        .service(operations("/admin/v1/users/{sub}/sign-out").route(post().to(admin::users::sign_out)))
        .service(operations("/admin/v1/users/{sub}/unlock").route(post().to(admin::users::unlock)))
        .service(operations("/admin/v1/users/{sub}/connections").route(get().to(admin::connections::list)))
        .service(
            operations("/admin/v1/users/{sub}/connections/{client_id}")
                .route(get().to(admin::connections::show))
                .route(delete().to(admin::connections::remove)),
        )
        .service(
            operations("/admin/v1/resources")
                .route(get().to(admin::resources::list))
                .route(post().to(admin::resources::create)),
        )
        .service(
            operations("/admin/v1/resources/{id}")
                .route(get().to(admin::resources::show))
                .route(patch().to(admin::resources::update))
                .route(delete().to(admin::resources::delete)),
        )
        .service(operations("/admin/v1/resources/{id}/rotate-secret").route(post().to(admin::resources::rotate_secret)))
        .service(
            operations("/admin/v1/scopes").route(get().to(admin::scopes::list)).route(post().to(admin::scopes::create)),
        )
        .service(
            operations("/admin/v1/scopes/{name}")
                .route(get().to(admin::scopes::show))
                .route(patch().to(admin::scopes::update))
                .route(delete().to(admin::scopes::delete)),
        )
        .service(operations("/admin/v1/keys").route(get().to(admin::keys::list)))
        .service(operations("/admin/v1/keys/rotate").route(post().to(admin::keys::rotate)))
        .service(
            operations("/admin/v1/groups").route(get().to(admin::groups::list)).route(post().to(admin::groups::create)),
        )
        .service(
            operations("/admin/v1/groups/{id}")
                .route(get().to(admin::groups::show))
                .route(patch().to(admin::groups::update))
                .route(delete().to(admin::groups::delete)),
        )
        .service(operations("/admin/v1/groups/{id}/members").route(get().to(admin::groups::members)))
        .service(operations("/admin/v1/groups/{id}/add").route(post().to(admin::groups::add)))
        .service(operations("/admin/v1/groups/{id}/remove").route(post().to(admin::groups::remove)))
        .service(
            operations("/admin/v1/initial-access-tokens")
                .route(get().to(admin::initial_access_tokens::list))
                .route(post().to(admin::initial_access_tokens::create)),
        )
        .service(
            operations("/admin/v1/initial-access-tokens/{id}")
                .route(get().to(admin::initial_access_tokens::show))
                .route(delete().to(admin::initial_access_tokens::delete)),
        )
        .service(operations("/admin/v1/audit").route(get().to(admin::audit::list)))
        .service(operations("/admin/v1/openapi.json").route(get().to(move || admin::openapi::show(document.clone()))))
        .service(resource(["/admin/v1", "/admin/v1/{path:.*}"]).to(admin::not_found));
    }
}

/// The operations of the administration API on one path.
fn operations(path: &str) -> Resource {
    resource(path).default_service(actix_web::web::to(admin::method_not_allowed))
}

/// The administration console. Without it, its paths are unknown.
fn console_pages(server: &Server) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let enabled = server.settings.console.enabled;
    move |app| {
        if !enabled {
            return;
        }
        app.route("/admin", get().to(console::overview::show))
            .service(page("/admin/join", console::join::show, console::join::submit))
            .route("/admin/apps", get().to(console::apps::show))
            .route("/admin/apps/{client_id}", get().to(console::app::show))
            .service(page("/admin/apps/{client_id}/{action}", console::app_change::show, console::app_change::submit))
            .route("/admin/users", get().to(console::users::show))
            .route("/admin/users/{sub}", get().to(console::user::show))
            .service(page(
                "/admin/users/{sub}/apps/{client_id}",
                console::connection::show,
                console::connection::submit,
            ))
            .service(page("/admin/users/{sub}/{action}", console::user_change::show, console::user_change::submit))
            .service(page("/admin/groups", console::groups::show, console::groups::submit))
            .service(page("/admin/groups/{id}", console::group::show, console::group::submit))
            .service(page(
                "/admin/groups/{id}/delete",
                console::group_change::show_delete,
                console::group_change::submit_delete,
            ))
            .service(page("/admin/groups/{id}/edit", console::group_edit::show, console::group_edit::submit))
            .service(page(
                "/admin/groups/{id}/add/{sub}",
                console::group_change::show_add,
                console::group_change::submit_add,
            ))
            .service(page(
                "/admin/groups/{id}/members/{sub}",
                console::group_change::show_remove,
                console::group_change::submit_remove,
            ))
            .service(page("/admin/resources", console::resources::show, console::resources::submit))
            .service(page("/admin/resources/{id}", console::resource::show, console::resource::submit))
            .service(page("/admin/resources/{id}/edit", console::resource_edit::show, console::resource_edit::submit))
            .service(page(
                "/admin/resources/{id}/{action}",
                console::resource_change::show,
                console::resource_change::submit,
            ))
            .service(page("/admin/scopes/{name}", console::scope::show, console::scope::submit))
            .service(page(
                "/admin/scopes/{name}/delete",
                console::resource_change::show_scope,
                console::resource_change::submit_scope,
            ))
            .route("/admin/keys", get().to(console::keys::show))
            .service(page("/admin/keys/{subject}/{action}", console::key_change::show, console::key_change::submit))
            .route("/admin/mail", get().to(console::mails::show))
            .service(page("/admin/mail/{id}/retry", console::mail_retry::show, console::mail_retry::submit))
            .route("/admin/audit", get().to(console::audit::show))
            .route("/admin/audit/{number}", get().to(console::audit_entry::show))
            .route("/admin/settings", get().to(console::settings::show));
    }
}

/// A page with a form that posts to its own URL.
fn page<S, P, ShowArgs, SubmitArgs>(path: &str, show: S, submit: P) -> Resource
where
    S: Handler<ShowArgs, Output = HttpResponse>,
    P: Handler<SubmitArgs, Output = HttpResponse>,
    ShowArgs: FromRequest + 'static,
    SubmitArgs: FromRequest + 'static,
{
    form_page(resource(path).route(get().to(show)), submit)
}

/// A page whose form posts to its own URL, and is accepted only from pages of this server.
fn form_page<P, Args>(page: Resource, submit: P) -> Resource
where
    P: Handler<Args, Output = HttpResponse>,
    Args: FromRequest + 'static,
{
    page.route(post().guard(guard::fn_guard(is_own_form)).to(submit)).route(post().to(cross_site_form))
}

/// Whether a form comes from a page of this server: a second check besides its CSRF token.
fn is_own_form(request: &guard::GuardContext<'_>) -> bool {
    let server = request.app_data::<Data<Server>>();
    server.is_some_and(|server| !form::is_cross_site(request.head().headers(), &server.settings.server.issuer.origin()))
}

async fn cross_site_form(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let refusal = Error::invalid_request("the form was posted from another site");
    error_page::refuse(server.front.page(&request, None), "form", refusal.into())
}

/// A GET route that also supports HEAD (RFC 9110 §9.3.2).
fn get() -> Route {
    route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Headers of every response.
pub fn headers(https: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((X_FRAME_OPTIONS, "DENY"))
        .add((CROSS_ORIGIN_OPENER_POLICY, "same-origin"));
    if https { headers.add((STRICT_TRANSPORT_SECURITY, "max-age=31536000")) } else { headers }
}

async fn not_found(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    error_page::not_found(sessions::page(&server, &request, None).await)
}

/// CORS headers that are also sent without `Origin`, for caches and programs.
fn open_to_all() -> DefaultHeaders {
    DefaultHeaders::new().add((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
}

/// Lets any origin read a document without cookies. It is the same for every caller.
fn any_origin() -> Cors {
    let cors = Cors::default().allow_any_origin().send_wildcard().allow_any_header();
    cors.allowed_methods(["GET", "HEAD"]).max_age(600)
}

/// Lets the registered origins of clients call an endpoint, without cookies. If registration is
/// open, any origin may register, because its origin cannot be registered yet.
fn cors(server: Data<Server>) -> Cors {
    let everybody_registers = server.settings.registration.mode == RegistrationMode::Open;
    Cors::default()
        .allowed_origin_fn(move |origin, request| {
            let registers = everybody_registers && request.uri.path() == "/register";
            registers || origin.to_str().is_ok_and(|origin| server.snapshot().origins.contains(origin))
        })
        .block_on_origin_mismatch(false)
        .allowed_methods(["GET", "POST", "PUT", "DELETE"])
        // Further headers of clients, such as mcp-protocol-version or traceparent, have no effect.
        .allow_any_header()
        .expose_headers([HeaderName::from_static("www-authenticate"), HeaderName::from_static(X_REQUEST_ID)])
        .max_age(600)
}

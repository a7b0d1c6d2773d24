//! The preview server: every page of [`samples`](super::samples) under its name.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::Server, web};
use writ::web::{assets, locale::Locale};

use super::samples;

/// Starts the server on a loopback port (0 for a free one) and returns its origin.
pub(crate) fn listen(port: u16) -> std::io::Result<(Server, String)> {
    let server = HttpServer::new(|| {
        App::new()
            .route("/", web::get().to(contents))
            .route("/preview/{name}", web::get().to(preview))
            .route("/assets/{name}", web::get().to(assets::asset))
            .default_service(web::to(received))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", port))?;
    let origin = format!("http://{}", server.addrs()[0]);
    Ok((server.run(), origin))
}

async fn contents() -> HttpResponse {
    let links: String = samples::NAMES
        .iter()
        .flat_map(|name| Locale::all().iter().map(move |locale| (name, locale)))
        .map(|(name, locale)| format!("<li><a href=\"/preview/{name}?ui_locales={locale}\">{name} {locale}</a>"))
        .collect();
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!("<ul>{links}</ul>"))
}

async fn preview(name: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let ui_locales = request.query_string().strip_prefix("ui_locales=");
    let locale = Locale::of(&request, ui_locales);
    samples::respond(&name, locale).unwrap_or_else(|| HttpResponse::NotFound().finish())
}

/// The target of the forms, which shows what was submitted.
async fn received(body: String) -> HttpResponse {
    HttpResponse::Ok().body(body)
}

//! Shows every page in every state without a database:
//!
//! * `cargo run --example preview_pages` serves them on <http://127.0.0.1:8409>;
//! * `cargo run --example preview_pages -- --screenshots FOLDER` photographs them in headless Chromium.

#![allow(missing_docs)]

mod samples;
mod screenshots;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use writ::web::assets;
use writ::web::locale::Locale;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = match arguments.as_slice() {
        [] => None,
        [flag, folder] if flag == "--screenshots" => Some(folder.clone()),
        _ => anyhow::bail!("usage: preview_pages [--screenshots FOLDER]"),
    };
    let server = HttpServer::new(|| {
        App::new()
            .route("/", web::get().to(contents))
            .route("/preview/{name}", web::get().to(preview))
            .route("/assets/{name}", web::get().to(assets::asset))
    })
    .workers(1)
    .bind(("127.0.0.1", if folder.is_some() { 0 } else { 8409 }))?;
    let address = server.addrs()[0];
    let server = server.run();
    match folder {
        None => {
            println!("http://{address}");
            server.await?;
        }
        Some(folder) => {
            let handle = server.handle();
            actix_web::rt::spawn(server);
            let taken = screenshots::take(&format!("http://{address}"), &folder).await;
            handle.stop(false).await;
            println!("{} screenshots in {folder}", taken?);
        }
    }
    Ok(())
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
    let locale = Locale::of(&request, ui_locales, None);
    samples::respond(&name, locale).unwrap_or_else(|| HttpResponse::NotFound().finish())
}

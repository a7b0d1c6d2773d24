//! `/logos/{hash}`: an app's logo from our own address, so that looking at a page tells nobody else; and how pages show it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    web::{Data, Path},
};

use crate::{
    server::Server,
    sessions,
    store::{client_logos, clients::Client},
    web::{error_page, locale::Locale},
};

/// `GET /logos/{hash}`: content never changes under its hash, so it may be kept for ever.
pub async fn show(server: Data<Server>, request: HttpRequest, hash: Path<String>) -> HttpResponse {
    let is_hash = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let hash = hash.into_inner();
    let found = server.store.read(move |tx| if is_hash { client_logos::find_by_hash(tx, &hash) } else { Ok(None) });
    match found.await {
        Ok(Some((media_type, image))) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, media_type))
            .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(image),
        Ok(None) => error_page::not_found(sessions::page(&server, &request, None).await, &request),
        Err(fault) => error_page::refuse(sessions::page(&server, &request, None).await, &request, "logo", fault.into()),
    }
}

/// The picture beside an app's name: the logo that an administrator stored, or the first letter in a plain shape. What an app says
/// of itself (`logo_uri`) is never loaded.
pub struct AppLogo {
    /// Where the logo is.
    pub url: Option<String>,
    /// What stands in its place.
    pub letter: String,
}

impl AppLogo {
    /// The picture of a client: a logo makes nobody look better who has not been approved.
    pub fn of(server: &Server, client: &Client, locale: Locale) -> Self {
        let letter = Self::letter(client.metadata.client_name_in(locale.tag()));
        let snapshot = server.snapshot();
        match snapshot.logos.get(&client.id).filter(|_| client.approved) {
            Some(hash) => Self { url: Some(format!("/logos/{hash}")), ..letter },
            None => letter,
        }
    }

    /// The first letter of a name.
    #[must_use]
    pub fn letter(name: &str) -> Self {
        let first = name.chars().find(|c| c.is_alphanumeric());
        Self { url: None, letter: first.map(|c| c.to_uppercase().collect()).unwrap_or_default() }
    }
}

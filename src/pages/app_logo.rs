//! `/logos/{hash}`: an app's logo from this server, so that viewing a page contacts no third party.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    web::Path,
};

use crate::{
    server::{Call, Server},
    sessions,
    store::{client_logos, clients::Client},
    web::{error_page, locale::Locale},
};

/// `GET /logos/{hash}`. The URL contains the hash of the content, so it may be cached forever.
pub async fn show(call: Call, hash: Path<String>) -> HttpResponse {
    let Call { server, request } = call;
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
        Ok(None) => error_page::not_found(sessions::page(&server, &request, None).await),
        Err(fault) => error_page::refuse(sessions::page(&server, &request, None).await, "logo", fault.into()),
    }
}

/// The image next to an app's name: the logo that an administrator stored, or the first letter of
/// the name. `logo_uri` is never loaded.
pub struct AppLogo {
    /// The URL of the logo.
    pub url: Option<String>,
    /// The letter that replaces a missing logo.
    pub letter: String,
}

impl AppLogo {
    /// The image of a client. Unapproved clients never show a logo, which would lend them
    /// credibility.
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

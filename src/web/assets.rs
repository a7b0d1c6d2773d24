//! The static files. Every page also works without them.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CacheControl, CacheDirective, ContentType, ETag, EntityTag, X_CONTENT_TYPE_OPTIONS},
    web,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::etag::is_held;

const FILES: [(&str, &str, &str); 4] = [
    ("page.js", "text/javascript; charset=utf-8", include_str!("../../static/page.js")),
    ("passkey.js", "text/javascript; charset=utf-8", include_str!("../../static/passkey.js")),
    ("form-post.js", "text/javascript; charset=utf-8", include_str!("../../static/form-post.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../static/icon.svg")),
];

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    FILES
        .into_iter()
        .map(|(name, media_type, content)| {
            let hash = digest(&SHA256, content.as_bytes());
            let version = BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..12]);
            Asset { name, media_type, content, version }
        })
        .collect()
});

struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    /// A hash of the content. Its URL may therefore be cached forever.
    version: String,
}

/// The URL of an asset, which changes with its content.
#[must_use]
pub fn asset_url(name: &str) -> String {
    let version = find(name).map_or("", |asset| &asset.version);
    format!("/assets/{name}?v={version}")
}

/// `GET /assets/{name}`.
pub async fn asset(name: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let Some(asset) = find(&name) else {
        return HttpResponse::NotFound().finish();
    };
    let tag = EntityTag::new_strong(asset.version.clone());
    let held = is_held(&request, &tag);
    let mut response = if held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(ETag(tag))
        .insert_header(CacheControl(vec![
            CacheDirective::Public,
            CacheDirective::MaxAge(31_536_000),
            CacheDirective::Extension("immutable".to_owned(), None),
        ]))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if held {
        return response.finish();
    }
    response
        .insert_header(ContentType(asset.media_type.parse().expect("media types of our own files parse")))
        .body(asset.content)
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

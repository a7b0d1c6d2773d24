//! The ceiling: the server's HTTP stack without an application. It runs in its own process, so that
//! its CPU time is measured in the same way as the server's.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// As long as an access token's header and payload.
const SIGNED_BYTES: usize = 420;

/// Responds to `GET /fixed` with a fixed body and `POST /signed` with a fixed body and one ES256
/// signature by a cached key, until the process ends.
pub(crate) fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok().context("no key")?;
    let key = web::Data::new((key, "x".repeat(SIGNED_BYTES)));
    let body = web::Data::new("x".repeat(1500));
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            App::new()
                .app_data(key.clone())
                .app_data(body.clone())
                .route("/fixed", web::get().to(fixed))
                .route("/signed", web::post().to(signed))
        })
        .bind(listen)?
        .run()
        .await?;
        Ok(())
    })
}

async fn fixed(body: web::Data<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body.as_str().to_owned())
}

async fn signed(_form: web::Bytes, key: web::Data<(EcdsaKeyPair, String)>) -> HttpResponse {
    let (key, input) = &**key;
    match key.sign(&SystemRandom::new(), input.as_bytes()) {
        Ok(signature) => {
            let token = format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
            HttpResponse::Ok().content_type("application/json").body(token)
        }
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

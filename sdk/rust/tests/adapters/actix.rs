//! An API over actix-web.

use actix_web::{App, http::header, test, web};
use writ_verifier::{Token, Verifier, VerifyError, actix::Protect};

use crate::{PASSWORD, Received};

async fn read(token: Token) -> Result<String, VerifyError> {
    token.require("message:read")?;
    Ok(token.subject().to_owned())
}

async fn client(token: Token) -> String {
    token.client_id().to_owned()
}

pub(crate) async fn get(verifier: &Verifier, path: &str, authorization: &[&str]) -> Received {
    let admin = Protect::new(verifier.clone()).require("admin");
    let recent = Protect::new(verifier.clone()).require_authentication(&[PASSWORD], Some(300));
    let app = App::new()
        .app_data(verifier.clone())
        .service(writ_verifier::actix::resource_metadata(verifier))
        .route("/messages", web::get().to(read))
        .service(web::scope("/admin").wrap(admin).route("", web::get().to(client)))
        .service(web::scope("/payments").wrap(recent).route("", web::get().to(client)));
    let app = test::init_service(app).await;
    let mut request = test::TestRequest::get().uri(path);
    for value in authorization {
        request = request.append_header((header::AUTHORIZATION, *value));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map_or("", |value| value.to_str().expect("ASCII")).to_owned();
    let status = response.status().as_u16();
    let body = String::from_utf8(test::read_body(response).await.to_vec()).expect("text");
    Received { status, challenge, body }
}

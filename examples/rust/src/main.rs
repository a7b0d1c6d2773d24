//! A minimal protected API in Rust: reading needs one scope; sending needs another, and a token
//! that introspection reports as active.

use std::{env, error::Error};

use axum::{
    Router,
    routing::{get, post},
};
use tokio::net::TcpListener;
use writ_verifier::{
    Token, Verifier, VerifyError,
    axum::{Protect, resource_metadata},
};

async fn read(token: Token) -> Result<String, VerifyError> {
    token.require("message:read")?;
    Ok(format!("messages of {}", token.subject()))
}

async fn send(token: Token) -> String {
    format!("sent as {}", token.subject())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::builder(&env::var("ISSUER")?, &env::var("AUDIENCE")?)
        .scopes_supported(["message:read", "message:send"])
        .build()?;
    let careful = verifier.introspecting(&env::var("RESOURCE_ID")?, &env::var("RESOURCE_SECRET")?);
    let api = Router::new()
        .route("/messages", get(read))
        .route("/messages", post(send).layer(Protect::new(careful).require("message:send")))
        .merge(resource_metadata(&verifier))
        .with_state(verifier);
    let listener = TcpListener::bind(("127.0.0.1", env::var("PORT")?.parse()?)).await?;
    Ok(axum::serve(listener, api).await?)
}

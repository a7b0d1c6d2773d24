//! Shows every page in every state without a database:
//!
//! * `cargo run --example preview_pages` serves them on <http://127.0.0.1:8409>;
//! * `cargo run --example preview_pages -- --screenshots FOLDER [PAGE…]` takes screenshots in
//!   headless Chromium, of all pages or of these.

#![allow(missing_docs)]

mod samples;
mod screenshots;
mod server;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => {
            let (server, origin) = server::listen(8409)?;
            println!("{origin}");
            server.await?;
        }
        [flag, folder, names @ ..] if flag == "--screenshots" => {
            let (server, origin) = server::listen(0)?;
            actix_web::rt::spawn(server);
            let taken = screenshots::take(&origin, folder.as_ref(), names).await?;
            println!("{taken} screenshots in {folder}");
        }
        _ => anyhow::bail!("usage: preview_pages [--screenshots FOLDER [PAGE...]]"),
    }
    Ok(())
}

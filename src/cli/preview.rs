//! `writ scope preview` and `writ client preview`: the consent page in every language, and problems
//! of the descriptions.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use writ::{
    clock::Clock,
    config::Settings,
    pages::consent::Preview,
    scopes::Owner,
    server::Server,
    store::clients::{Client, Origin},
    web::locale::Locale,
};
use writ_core::{
    ClientMetadata, ScopeSet,
    scopes::wording::{self, Wording},
};

use super::{key::load_master_keys, output};

/// The options of a preview.
#[derive(Debug, Args)]
pub(super) struct PreviewArgs {
    /// Tick only this scope. May be repeated.
    #[arg(long = "tick", value_name = "SCOPE")]
    ticks: Vec<String>,
    /// The language [default: all].
    #[arg(long)]
    language: Option<String>,
    /// The folder to write the pages to. `-` prints them.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    output: PathBuf,
}

impl PreviewArgs {
    /// Writes the page of `client`, and prints the problems of its descriptions.
    pub(super) async fn run(
        self,
        settings: &Settings,
        client: Client,
        requested: Option<ScopeSet>,
    ) -> anyhow::Result<()> {
        let server = Server::start(settings.clone(), load_master_keys(settings)?, Clock::default()).await?;
        let requested = requested.unwrap_or_else(|| client.metadata.scope.clone());
        let snapshot = server.snapshot();
        let unknown = requested.iter().find(|name| snapshot.scopes.owner(name).is_none());
        ensure!(unknown.is_none(), "there is no scope {}: see `writ scope list`", unknown.unwrap_or_default());
        let ticked: Option<ScopeSet> =
            (!self.ticks.is_empty()).then(|| self.ticks.iter().map(String::as_str).collect());
        let languages = match &self.language {
            Some(tag) => vec![Locale::lookup(tag).with_context(|| format!("there is no page in the language {tag}"))?],
            None => Locale::all().to_vec(),
        };
        let preview = Preview { requested, ticked };
        for locale in languages {
            let html = preview.html(&server, &client, locale).await?;
            if self.output.as_os_str() == "-" {
                output::text(html)?;
                continue;
            }
            let file = self.output.join(format!("consent-{locale}.html"));
            std::fs::write(&file, html).with_context(|| file.display().to_string())?;
            output::error_line(format_args!("Wrote {}.", file.display()));
        }
        for finding in findings(&server, &preview.requested) {
            output::error_line(finding);
        }
        Ok(())
    }
}

/// The problems of the descriptions of these scopes. Those of OpenID Connect are part of the
/// program.
fn findings(server: &Server, requested: &ScopeSet) -> Vec<String> {
    let snapshot = server.snapshot();
    let languages: Vec<String> = Locale::all().iter().map(Locale::to_string).collect();
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    let of = |name: &str| {
        let Some(Owner::Resource(_, scope)) = snapshot.scopes.owner(name) else { return Vec::new() };
        let words: BTreeMap<&str, Wording<'_>> = scope
            .texts
            .iter()
            .map(|(tag, text)| (tag.as_str(), Wording { sentence: &text.sentence, consequence: &text.consequence }))
            .collect();
        let found = wording::check(&words, &languages, scope.risk);
        found.into_iter().map(|(language, finding)| format!("{name} ({language}): {finding}")).collect()
    };
    requested.iter().flat_map(of).collect()
}

/// An app that requests these scopes, for a preview without a client.
pub(super) fn example_client(requested: &ScopeSet) -> anyhow::Result<Client> {
    let metadata: ClientMetadata = serde_json::from_value(serde_json::json!({
        "client_name": "Example",
        "redirect_uris": ["https://app.example/callback"],
        "scope": requested.to_string(),
    }))?;
    Ok(Client {
        id: "example".to_owned(),
        metadata,
        secret_hashes: Vec::new(),
        created_at: Clock::default().now(),
        origin: Origin::Administrator,
        approved: true,
        open_to: None,
        acr: None,
        disabled_at: None,
    })
}

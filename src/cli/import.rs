//! `writ import keycloak|hydra|auth0|dex`: the configuration of another server as a document for
//! `writ plan` and `writ apply`.

use std::{
    fs::{self, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use serde_json::json;
use writ::{
    administration::configuration::import::{File, Imported, Kind, LONGEST_FILE, Options, Source, import},
    config::Settings,
};

use super::output;

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// A realm of Keycloak: what `kc.sh export` writes, or *Partial export* of its console.
    Keycloak(ImportArgs),
    /// Clients of Ory Hydra: the output of `hydra list clients --format json`.
    Hydra(ImportArgs),
    /// A tenant of Auth0: what `a0deploy export` writes, in JSON or YAML.
    Auth0(ImportArgs),
    /// The configuration file of Dex.
    Dex(ImportArgs),
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The files. `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// The label of the document, see `writ plan`.
    #[arg(long, value_name = "LABEL")]
    owner: Option<String>,
    /// The audience of the resource server that gets the scopes of which the source names none.
    #[arg(long, value_name = "URI")]
    audience: Option<String>,
    /// Copy the secrets that this server can keep into files of this folder, which is created. The
    /// document refers to them. Without it, no secret is copied.
    #[arg(long, value_name = "FOLDER")]
    secrets: Option<PathBuf>,
    /// Write the report into this file as JSON, besides standard error.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print the document as JSON instead of TOML.
    #[arg(long)]
    json: bool,
}

impl ImportCommand {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Keycloak(arguments) => arguments.run(Source::Keycloak, settings),
            Self::Hydra(arguments) => arguments.run(Source::Hydra, settings),
            Self::Auth0(arguments) => arguments.run(Source::Auth0, settings),
            Self::Dex(arguments) => arguments.run(Source::Dex, settings),
        }
    }
}

impl ImportArgs {
    fn run(self, source: Source, settings: &Settings) -> anyhow::Result<()> {
        let files = self.files.iter().map(|file| read(file)).collect::<anyhow::Result<Vec<_>>>()?;
        let options = Options { owner: self.owner, audience: self.audience, secrets: self.secrets.clone(), settings };
        let imported = import(source, &files, &options)?;
        if let Some(folder) = &self.secrets {
            write_secrets(folder, &imported)?;
        }
        if let Some(path) = &self.report {
            let report = json!({ "notes": imported.notes, "providers": imported.providers });
            fs::write(path, format!("{report:#}\n")).with_context(|| path.display().to_string())?;
        }
        if self.json {
            output::line(serde_json::to_string_pretty(&imported.document)?)?;
        } else {
            output::text(toml::to_string_pretty(&imported.document)?)?;
            output::text(commented(&imported.providers))?;
        }
        report(&imported);
        Ok(())
    }
}

fn read(file: &str) -> anyhow::Result<File> {
    let mut text = String::new();
    let reader: Box<dyn Read> = match file {
        "-" => Box::new(std::io::stdin()),
        file => Box::new(fs::File::open(file).with_context(|| file.to_owned())?),
    };
    reader.take(LONGEST_FILE + 1).read_to_string(&mut text).with_context(|| file.to_owned())?;
    ensure!(text.len() as u64 <= LONGEST_FILE, "{file} is longer than {LONGEST_FILE} bytes");
    let name = if file == "-" { "standard input".to_owned() } else { file.to_owned() };
    Ok(File { name, text })
}

/// Each secret is a new file that only its owner can read.
fn write_secrets(folder: &Path, imported: &Imported) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for (path, secret) in &imported.secrets {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let written = file.and_then(|mut file| writeln!(file, "{secret}"));
        written.with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn commented(providers: &str) -> String {
    if providers.is_empty() {
        return String::new();
    }
    let lines: String = providers.lines().map(|line| format!("# {line}\n").replace("# \n", "#\n")).collect();
    format!("\n# A suggestion for writ.toml, which has the providers with which users sign in:\n#\n{lines}")
}

fn report(Imported { document, notes, .. }: &Imported) {
    for note in notes {
        output::error_line(note);
    }
    let count = |kind: Kind| notes.iter().filter(|note| note.kind == kind).count();
    let [left_out, changed, needed] = [Kind::LeftOut, Kind::Changed, Kind::Needed].map(count);
    output::error_line(format_args!(
        "{} groups, {} resource servers, {} scopes, {} clients. Left out: {left_out}. Changed: {changed}. Needed: {needed}.",
        document.groups.len(),
        document.resources.len(),
        document.scopes.len(),
        document.clients.len(),
    ));
}

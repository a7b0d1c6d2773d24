//! `/admin/resources/{id}`: a resource server with its scopes, and a new scope.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use writ_core::{Error, Params, SigningAlg, token::access_token::AccessTokenTyp, vocabulary::scope::Risk};

use super::{
    Console, Frame, Place, SCOPES, SEGMENT,
    confirm::{reason, refused},
    entries::{self, EntryView},
    path_of,
    refusal::Refusal,
    scope::{findings, one_line, risk_key},
};
use crate::{
    administration::{Actor, resources::version, scopes as administration},
    fault::{Fault, Stop},
    server::Call,
    store::{
        Id, Tx,
        resources::{self, ResourceServer, Scope, ScopeText},
        revision,
    },
    web::{
        error_page, form,
        page::{Page, PageContext},
        see_other,
    },
};

/// The number of scopes that are shown.
const SHOWN: usize = 200;
/// The number of changes that are shown.
const CHANGES: i64 = 5;

/// `GET /admin/resources/{id}`.
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    let here = path_of(Place::Resources, &id);
    let id = id.into_inner();
    super::show(&call, Place::Resources, &here, async |console| {
        match call.server.store.read(move |tx| find(tx, &id)).await? {
            Some(server) => describe(&call, console, server).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

/// `POST /admin/resources/{id}`: adds a scope with English words.
pub async fn submit(call: Call, id: Path<String>, body: form::Body) -> HttpResponse {
    let here = path_of(Place::Resources, &id);
    super::submit(&call, &body, Place::Resources, &here, async |console, params| {
        add(&call, console, id.into_inner(), &params).await
    })
    .await
}

/// The resource server with this id.
pub(super) fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<ResourceServer>, Fault> {
    Ok(resources::list(tx)?.into_iter().find(|server| server.id == id))
}

/// The path of a scope's page.
pub(super) fn scope_path(name: &str) -> String {
    format!("{SCOPES}/{}", percent_encoding::utf8_percent_encode(name, SEGMENT))
}

async fn describe(call: &Call, console: Console, server: ResourceServer) -> Result<HttpResponse, Stop> {
    let row = |scope: &Scope| ScopeRow {
        path: scope_path(&scope.name),
        name: scope.name.clone(),
        sentence: console.page.locale.pick(&scope.texts).map(|text| text.sentence.clone()).unwrap_or_default(),
        risk: scope.risk,
        risk_word: console.page.text(risk_key(scope.risk)),
        findings: findings(scope).len(),
    };
    let page = ResourcePage {
        changes: entries::of_target(&call.server, &console, server.id.clone(), CHANGES).await?,
        name: console.page.locale.pick(&server.names).cloned().unwrap_or_default(),
        names: server.names.iter().map(|(language, name)| (language.clone(), name.clone())).collect(),
        facts: facts(&console, &server),
        scopes: server.scopes.iter().take(SHOWN).map(row).collect(),
        version: version(&server),
        path: path_of(Place::Resources, &server.id),
        id: server.id,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

fn facts(console: &Console, server: &ResourceServer) -> Vec<(&'static str, Vec<String>)> {
    let tokens = &server.tokens;
    let profile = [
        tokens.typ.map(AccessTokenTyp::as_str).map(str::to_owned),
        tokens.alg.map(SigningAlg::as_str).map(str::to_owned),
        tokens.lifetime.map(|lifetime| format!("{lifetime} s")),
    ];
    let secret = if server.secret_hash.is_some() { "console-resource-secret" } else { "console-resource-no-secret" };
    let mut facts = vec![
        ("console-audience", vec![server.audience.clone()]),
        ("console-token-profile", profile.into_iter().flatten().collect::<Vec<_>>()),
        ("console-introspection", vec![console.page.text(secret)]),
    ];
    facts.retain(|(_, values)| !values.is_empty());
    facts
}

async fn add(call: &Call, console: Console, id: String, params: &Params) -> Result<HttpResponse, Stop> {
    let field = |name: &str| Ok::<_, Error>(params.require(name)?.trim().to_owned());
    let risk: Risk = field("risk")?.parse().map_err(|_| Error::invalid_request("there is no such risk"))?;
    let words = |name: &str| one_line(params.require(name)?);
    let text = ScopeText { sentence: words("sentence")?, consequence: words("consequence")? };
    let scope = Scope {
        id: Id::now_v7(),
        name: field("name")?,
        texts: BTreeMap::from([("en".to_owned(), text)]),
        risk,
        is_default: risk.is_default(),
        open_to: None,
        acr: None,
    };
    let (path, subject) = (scope_path(&scope.name), (scope.name.clone(), scope.name.clone()));
    let back = path_of(Place::Resources, &id);
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        let is_taken = |other: &Scope| other.name == scope.name;
        if resources::list(tx)?.iter().any(|server| server.scopes.iter().any(is_taken)) {
            return Err(Refusal::Taken.into());
        }
        administration::create(tx, actor, &id, &scope)??;
        Ok(())
    };
    match console.entrance.change(&call.server, reason(params)?, unit).await? {
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => refused(&call.server, console, refusal, subject, back).await,
    }
}

/// The page of a resource server.
#[derive(Template)]
#[template(path = "pages/console/resource.html")]
pub struct ResourcePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The id.
    pub id: String,
    /// The name in the page's language.
    pub name: String,
    /// The name by language.
    pub names: Vec<(String, String)>,
    /// Facts: the key of each name, and its values.
    pub facts: Vec<(&'static str, Vec<String>)>,
    /// The scopes, in order of creation.
    pub scopes: Vec<ScopeRow>,
    /// The version that is shown.
    pub version: String,
    /// The path of this page.
    pub path: String,
    /// The latest changes by administrators.
    pub changes: Vec<EntryView>,
}

impl ResourcePage {
    fn risks(&self) -> impl Iterator<Item = (&'static str, String)> {
        Risk::ALL.into_iter().map(|risk| (risk.as_str(), self.page.text(risk_key(risk))))
    }
}

/// A scope in a list.
pub struct ScopeRow {
    /// The path of its page.
    pub path: String,
    /// The name.
    pub name: String,
    /// The action that it permits, in the page's language.
    pub sentence: String,
    /// The risk.
    pub risk: Risk,
    /// The risk in words.
    pub risk_word: String,
    /// The number of problems of its words.
    pub findings: usize,
}

impl Page for ResourcePage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

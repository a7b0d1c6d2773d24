//! `/admin/resources/{id}`: a resource server with its scopes, and a new scope.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use writ_core::{
    Error, Params, SigningAlg,
    token::access_token::{AccessTokenTyp, TokenProfile},
    vocabulary::{client_metadata::GroupsClaim, scope::Risk},
};

use super::{
    Console, Frame, Place, SCOPES, SEGMENT,
    confirm::{reason, refused},
    entries::{self, EntryView},
    pages::{next_path, page_after},
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
        locale::Locale,
        page::{Page, PageContext},
        see_other,
    },
};

/// The number of changes that are shown.
const CHANGES: i64 = 5;

/// `GET /admin/resources/{id}`: the resource server, and its scopes after the one in `after`.
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
    let (params, path) = (call.query()?, path_of(Place::Resources, &server.id));
    let (shown, next) = page_after(&server.scopes, params.get("after")?.unwrap_or_default(), |scope| &scope.name);
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
        names: names(&server),
        audience: server.audience.clone(),
        tokens: server.tokens,
        facts: facts(&console, &server),
        scopes: shown.iter().map(row).collect(),
        next: next.map(|name| next_path(&path, name)),
        version: version(&server),
        path,
        id: server.id,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

/// The name in each language of the pages, and in the others that have one.
fn names(server: &ResourceServer) -> Vec<(String, String)> {
    let mut languages: Vec<String> = Locale::all().iter().map(Locale::to_string).collect();
    languages.extend(server.names.keys().filter(|tag| !languages.contains(tag)).cloned().collect::<Vec<_>>());
    let name = |language: String| {
        let name = server.names.get(&language).cloned().unwrap_or_default();
        (language, name)
    };
    languages.into_iter().map(name).collect()
}

/// The format of access tokens, where it is not the server's default.
pub(super) fn format_of(tokens: &TokenProfile) -> Vec<String> {
    let format = [
        tokens.typ.map(|typ| typ.as_str().to_owned()),
        tokens.alg.map(|alg| alg.as_str().to_owned()),
        tokens.lifetime.map(|lifetime| format!("{lifetime} s")),
        tokens.groups.map(|groups| format!("groups: {}", groups.as_str())),
    ];
    format.into_iter().flatten().collect()
}

fn facts(console: &Console, server: &ResourceServer) -> Vec<(&'static str, Vec<String>)> {
    let secret = if server.secret_hash.is_some() { "console-resource-secret" } else { "console-resource-no-secret" };
    let mut facts = vec![
        ("console-audience", vec![server.audience.clone()]),
        ("console-token-profile", format_of(&server.tokens)),
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
    /// The name by language. Empty if there is none.
    pub names: Vec<(String, String)>,
    /// The audience.
    pub audience: String,
    /// The format of its access tokens.
    pub tokens: TokenProfile,
    /// Facts: the key of each name, and its values.
    pub facts: Vec<(&'static str, Vec<String>)>,
    /// The scopes, in order of creation.
    pub scopes: Vec<ScopeRow>,
    /// The next page of scopes, if there is one.
    pub next: Option<String>,
    /// The version that is shown.
    pub version: String,
    /// The path of this page.
    pub path: String,
    /// The latest changes by administrators.
    pub changes: Vec<EntryView>,
}

impl ResourcePage {
    /// The choices of the format.
    fn choices(&self) -> [Choice; 3] {
        let Self { tokens, .. } = self;
        let typ = [AccessTokenTyp::AtJwt, AccessTokenTyp::Jwt].map(|typ| (typ.as_str(), tokens.typ == Some(typ)));
        let alg = SigningAlg::ALL.map(|alg| (alg.as_str(), tokens.alg == Some(alg)));
        let groups = [GroupsClaim::Names, GroupsClaim::Ids].map(|how| (how.as_str(), tokens.groups == Some(how)));
        [
            Choice { field: "token_typ", label: "console-token-typ", values: typ.to_vec() },
            Choice { field: "token_alg", label: "console-key-alg", values: alg.to_vec() },
            Choice { field: "token_groups", label: "console-token-groups", values: groups.to_vec() },
        ]
    }

    fn risks(&self) -> impl Iterator<Item = (&'static str, String)> {
        Risk::ALL.into_iter().map(|risk| (risk.as_str(), self.page.text(risk_key(risk))))
    }
}

/// A choice of the format of access tokens.
struct Choice {
    /// The name of the field.
    field: &'static str,
    /// The key of its label.
    label: &'static str,
    /// The values, each with whether it is chosen.
    values: Vec<(&'static str, bool)>,
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

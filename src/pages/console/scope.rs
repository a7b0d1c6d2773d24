//! `/admin/scopes/{name}`: the words of a scope side by side in all languages, and their problems.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use writ_core::{
    Error, Params,
    groups::{GroupIds, Groups},
    scopes::wording::{self, Finding, Wording},
    vocabulary::{acr::Acr, scope::Risk},
};

use super::{
    Console, Frame, Place, SCOPES,
    confirm::{Change, refused},
    entries::{self, EntryView},
    path_of,
    refusal::Refusal,
};
use crate::{
    administration::{
        Actor,
        scopes::{self as administration, version},
    },
    fault::{Fault, Stop},
    server::Call,
    store::{
        Tx, groups,
        resources::{self, Scope, ScopeText},
        revision,
    },
    web::{
        error_page, form,
        locale::{Locale, Value},
        page::{Page, PageContext},
        see_other,
    },
};

/// Maximum length of a text, in bytes.
const LONGEST: usize = 1000;
/// The number of changes that are shown.
const CHANGES: i64 = 5;

/// `GET /admin/scopes/{name}`.
pub async fn show(call: Call, name: Path<String>) -> HttpResponse {
    let name = name.into_inner();
    super::show(&call, Place::Resources, &here(&name), async |console| {
        let read = call.server.store.read(move |tx| Ok((find(tx, &name)?, groups::list(tx)?)));
        let (Some((resource, scope)), groups) = read.await? else {
            return Ok(error_page::not_found(console.page));
        };
        let open_to = scope.open_to.as_ref().map(|ids| groups.names(ids));
        describe(&call, console, resource, scope, open_to).await
    })
    .await
}

/// `POST /admin/scopes/{name}`: replaces the words, the risk, whether it is a default, the groups
/// that it is open to, and what it demands.
pub async fn submit(call: Call, name: Path<String>, body: form::Body) -> HttpResponse {
    let name = name.into_inner();
    super::submit(&call, &body, Place::Resources, &here(&name), async |console, params| {
        update(&call, console, name.clone(), &params).await
    })
    .await
}

fn here(name: &str) -> String {
    format!("{SCOPES}/{}", percent_encoding::utf8_percent_encode(name, super::SEGMENT))
}

/// The scope with this name, and the id of its resource server.
pub(super) fn find(tx: &mut Tx<'_>, name: &str) -> Result<Option<(String, Scope)>, Fault> {
    let of = |server: resources::ResourceServer| {
        let scope = server.scopes.into_iter().find(|scope| scope.name == name);
        scope.map(|scope| (server.id, scope))
    };
    Ok(resources::list(tx)?.into_iter().find_map(of))
}

/// The problems of the words of a scope, by language.
pub(super) fn findings(scope: &Scope) -> Vec<(String, Finding)> {
    let languages: Vec<String> = Locale::all().iter().map(Locale::to_string).collect();
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    let words = scope
        .texts
        .iter()
        .map(|(language, ScopeText { sentence, consequence })| (language.as_str(), Wording { sentence, consequence }));
    wording::check(&words.collect(), &languages, scope.risk)
}

/// The key of the text that names a risk.
pub(super) fn risk_key(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "risk-low",
        Risk::Moderate => "risk-moderate",
        Risk::Elevated => "risk-elevated",
        Risk::High => "risk-high",
    }
}

/// A problem in the page's language.
fn words_of(page: &PageContext, finding: &Finding) -> String {
    let counted = |key: &str, count: usize| page.text_with(key, &[("count", count)]);
    match finding {
        Finding::Missing => page.text("console-finding-missing"),
        Finding::NoConsequence => page.text("console-finding-no-consequence"),
        Finding::LongSentence(length) => counted("console-finding-long-sentence", *length),
        Finding::LongConsequence(length) => counted("console-finding-long-consequence", *length),
        Finding::NoVerb => page.text("console-finding-no-verb"),
        Finding::ReadingAge(age) => counted("console-finding-reading-age", usize::from(*age)),
        Finding::ManyWords(count) => counted("console-finding-many-words", *count),
        Finding::SaysNothingNew => page.text("console-finding-nothing-new"),
        Finding::OthersUnmentioned => page.text("console-finding-others"),
        Finding::Untranslated(other) => {
            page.text_with("console-finding-untranslated", &[("language", Value::from(other.as_str()))])
        }
        Finding::OutOfStep => page.text("console-finding-out-of-step"),
    }
}

async fn describe(
    call: &Call,
    console: Console,
    resource: String,
    scope: Scope,
    open_to: Option<Vec<String>>,
) -> Result<HttpResponse, Stop> {
    let found = findings(&scope);
    let mut languages: Vec<String> = Locale::all().iter().map(Locale::to_string).collect();
    languages.extend(scope.texts.keys().filter(|tag| !languages.contains(tag)).cloned().collect::<Vec<_>>());
    let words = |language: String| {
        let text = scope.texts.get(&language);
        let problems = found.iter().filter(|(tag, _)| *tag == language);
        WordsView {
            sentence: text.map(|text| text.sentence.clone()).unwrap_or_default(),
            consequence: text.map(|text| text.consequence.clone()).unwrap_or_default(),
            findings: problems.map(|(_, finding)| words_of(&console.page, finding)).collect(),
            language,
        }
    };
    let page = ScopePage {
        words: languages.into_iter().map(words).collect(),
        changes: entries::of_target(&call.server, &console, scope.name.clone(), CHANGES).await?,
        resource_path: path_of(Place::Resources, &resource),
        resource,
        is_closed: open_to.as_ref().is_some_and(Vec::is_empty),
        groups: open_to.unwrap_or_default().join(", "),
        demands_mfa: scope.acr == Some(Acr::Mfa),
        is_default: scope.is_default,
        risk: scope.risk,
        version: version(&scope),
        path: here(&scope.name),
        name: scope.name,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

/// A text of a scope, without the space around it.
///
/// # Errors
/// `invalid_request` if it is too long or has several lines.
pub(super) fn one_line(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.len() > LONGEST || text.contains(char::is_control) {
        return Err(Error::invalid_request(format!("a text has one line of at most {LONGEST} bytes")));
    }
    Ok(text.to_owned())
}

/// The words of the form. A language without words has none.
fn words(params: &Params) -> Result<BTreeMap<String, ScopeText>, Error> {
    let mut texts = BTreeMap::new();
    for name in params.names() {
        let Some(language) = name.strip_prefix("sentence-") else { continue };
        let field = |name: &str| one_line(params.get(name)?.unwrap_or_default());
        let text = ScopeText { sentence: field(name)?, consequence: field(&format!("consequence-{language}"))? };
        if !text.sentence.is_empty() || !text.consequence.is_empty() {
            texts.insert(language.to_owned(), text);
        }
    }
    Ok(texts)
}

/// The groups with these names, which are separated by commas. `before` if there are no names and
/// it is open to no group any more: it does not become open to all users by accident.
fn open_to(groups: &Groups, names: &str, before: Option<&GroupIds>) -> Result<Option<GroupIds>, Refusal> {
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Ok(before.filter(|ids| groups.names(ids).is_empty()).cloned());
    }
    names.into_iter().map(|name| Ok(groups.find(name).ok_or(Refusal::NoGroup)?.id)).collect::<Result<_, _>>().map(Some)
}

async fn update(call: &Call, console: Console, name: String, params: &Params) -> Result<HttpResponse, Stop> {
    let Change { version: expected, reason } = Change::parse(params)?;
    let risk = params.require("risk")?.parse().map_err(|_| Error::invalid_request("there is no such risk"))?;
    let (texts, is_default) = (words(params)?, params.get("default")?.is_some());
    // An empty field counts as omitted. Only a form with these fields opens the scope to all users.
    let conditions = match params.get("conditions")? {
        Some(_) => Some((params.get("groups")?.unwrap_or_default().to_owned(), params.get("mfa")?.map(|_| Acr::Mfa))),
        None => None,
    };
    let (path, subject) = (here(&name), (name.clone(), name.clone()));
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        let (_, before) = find(tx, &name)?.ok_or(Refusal::Gone)?;
        if version(&before) != expected {
            return Err(Refusal::Changed.into());
        }
        let mut after = Scope { texts, risk, is_default, ..before.clone() };
        if let Some((names, acr)) = conditions {
            after.open_to = open_to(&groups::list(tx)?, &names, before.open_to.as_ref())?;
            after.acr = acr;
        }
        administration::update(tx, actor, &before, &after)??;
        Ok(())
    };
    match console.entrance.change(&call.server, reason, unit).await? {
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => refused(&call.server, console, refusal, subject, path).await,
    }
}

/// The page of a scope.
#[derive(Template)]
#[template(path = "pages/console/scope.html")]
pub struct ScopePage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The name.
    pub name: String,
    /// The id of its resource server.
    pub resource: String,
    /// The path of that page.
    pub resource_path: String,
    /// The names of the groups that it is open to. Empty if it is open to all users.
    pub groups: String,
    /// Whether it is open to no group any more.
    pub is_closed: bool,
    /// Whether it demands a second factor.
    pub demands_mfa: bool,
    /// The words by language.
    pub words: Vec<WordsView>,
    /// The risk.
    pub risk: Risk,
    /// Whether a request that names the resource server and no scope includes it.
    pub is_default: bool,
    /// The version that is shown.
    pub version: String,
    /// The path of this page.
    pub path: String,
    /// The latest changes by administrators.
    pub changes: Vec<EntryView>,
}

impl ScopePage {
    fn risks(&self) -> impl Iterator<Item = (&'static str, String, bool)> {
        Risk::ALL.into_iter().map(|risk| (risk.as_str(), self.page.text(risk_key(risk)), risk == self.risk))
    }
}

/// The words of a scope in one language.
pub struct WordsView {
    /// The language tag.
    pub language: String,
    /// The action that it permits.
    pub sentence: String,
    /// The consequence.
    pub consequence: String,
    /// The problems.
    pub findings: Vec<String>,
}

impl Page for ScopePage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

//! `/admin/resources/{id}/edit`: the audience, the names and the token format of a resource server:
//! what a change means, and the change.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web::Path};
use writ_core::{Error, Params, ScopeSet, token::access_token::TokenProfile};

use super::{
    Console, Place,
    app::usage_text,
    confirm::{Change, ConfirmPage, refused, seen},
    path_of,
    refusal::Refusal,
    resource::{find, format_of},
    scope::one_line,
};
use crate::{
    administration::{
        Actor,
        resources::{self as administration, check, version},
    },
    fault::Stop,
    server::Call,
    store::{
        Tx,
        resources::{self, ResourceServer},
        revision, usage,
    },
    web::{error_page, form, page::Page, see_other},
};

/// The prefix of the field with the name in a language.
const NAME: &str = "name-";
/// The other fields.
const FIELDS: [&str; 5] = ["audience", "token_typ", "token_alg", "token_lifetime", "token_groups"];

/// What a form says about a resource server.
#[derive(Debug, Clone)]
struct Wanted {
    audience: String,
    names: BTreeMap<String, String>,
    tokens: TokenProfile,
    /// The fields, for the form of the next page.
    fields: Vec<(String, String)>,
}

impl Wanted {
    fn parse(params: &Params) -> Result<Self, Error> {
        let field = |name: &str| one_line(params.get(name)?.unwrap_or_default());
        let mut names = BTreeMap::new();
        let mut fields = Vec::new();
        for name in params.names().filter(|name| name.starts_with(NAME) || FIELDS.contains(name)) {
            let value = field(name)?;
            if let Some(language) = name.strip_prefix(NAME).filter(|_| !value.is_empty()) {
                names.insert(language.to_owned(), value.clone());
            }
            fields.push((name.to_owned(), value));
        }
        let tokens = TokenProfile {
            typ: parsed(&field("token_typ")?)?,
            alg: parsed(&field("token_alg")?)?,
            lifetime: parsed(&field("token_lifetime")?)?,
            groups: parsed(&field("token_groups")?)?,
        };
        Ok(Self { audience: params.require("audience")?.trim().to_owned(), names, tokens, fields })
    }

    fn apply(self, before: &ResourceServer) -> ResourceServer {
        let Self { audience, names, tokens, .. } = self;
        ResourceServer { audience, names, tokens, ..before.clone() }
    }
}

/// The value of a field. `None` if it is empty.
fn parsed<T: std::str::FromStr>(text: &str) -> Result<Option<T>, Error>
where
    T::Err: std::fmt::Display,
{
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| Error::invalid_request(format!("the format of the tokens: {error}")))
}

/// `GET /admin/resources/{id}/edit`: what the change means.
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    let (path, id) = (path_of(Place::Resources, &id), id.into_inner());
    super::show(&call, Place::Resources, &path, async |console| {
        let Some(seen) = seen(&call)? else { return Ok(see_other(&path)) };
        let wanted = Wanted::parse(&call.query()?)?;
        let read = call.server.store.read(move |tx| {
            let Some(server) = find(tx, &id)? else { return Ok(None) };
            let scopes: ScopeSet = server.scopes.iter().map(|scope| scope.name.as_str()).collect();
            Ok(Some((server, scopes)))
        });
        match read.await? {
            Some((before, scopes)) => ask(&call, console, before, scopes, wanted, seen).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

/// `POST /admin/resources/{id}/edit`: makes the change.
pub async fn submit(call: Call, id: Path<String>, body: form::Body) -> HttpResponse {
    let path = path_of(Place::Resources, &id);
    super::submit(&call, &body, Place::Resources, &path, async |console, params| {
        let (seen, wanted) = (Change::parse(&params)?, Wanted::parse(&params)?);
        update(&call, console, id.into_inner(), wanted, seen).await
    })
    .await
}

async fn ask(
    call: &Call,
    console: Console,
    before: ResourceServer,
    scopes: ScopeSet,
    wanted: Wanted,
    seen: String,
) -> Result<HttpResponse, Stop> {
    let path = path_of(Place::Resources, &before.id);
    let fields = wanted.fields.clone();
    let after = wanted.apply(&before);
    if version(&after) == version(&before) || version(&before) != seen {
        return Ok(see_other(&path));
    }
    let mut effects = Vec::new();
    let changes_audience = after.audience != before.audience;
    if changes_audience {
        let usage = call.server.store.read(move |tx| usage::of_scopes(tx, &scopes)).await?;
        let audiences = [("before", before.audience.as_str()), ("after", after.audience.as_str())];
        effects.push(console.page.text_with("console-resource-audience-effect", &audiences));
        effects.push(usage_text(&console, usage, ["console-scopes-held", "console-scopes-held-many"]));
    }
    if after.names != before.names {
        effects.push(console.page.text("console-resource-names-effect"));
    }
    if after.tokens != before.tokens {
        let format = match format_of(&after.tokens) {
            format if format.is_empty() => console.page.text("console-token-default"),
            format => format.join(", "),
        };
        effects.push(console.page.text_with("console-resource-tokens-effect", &[("format", format)]));
    }
    let page = ConfirmPage {
        action: format!("{path}/edit"),
        heading: console.page.text_with("console-resource-edit-heading", &[("name", before.id.as_str())]),
        effects,
        warning: String::new(),
        is_grave: changes_audience,
        button: console.page.text("console-save"),
        version: seen,
        fields,
        back: path,
        subject: before.id,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

async fn update(call: &Call, console: Console, id: String, wanted: Wanted, seen: Change) -> Result<HttpResponse, Stop> {
    let (path, subject) = (path_of(Place::Resources, &id), (id.clone(), id.clone()));
    let (issuer, expected) = (call.server.settings.server.issuer.clone(), seen.version);
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        let all = resources::list(tx)?;
        let before = all.iter().find(|server| server.id == id).ok_or(Refusal::Gone)?;
        if version(before) != expected {
            return Err(Refusal::Changed.into());
        }
        let after = wanted.apply(before);
        check(&after, &issuer)?;
        if all.iter().any(|other| other.id != id && other.audience == after.audience) {
            return Err(Refusal::Taken.into());
        }
        Ok(administration::update(tx, actor, before, &after)?)
    };
    match console.entrance.change(&call.server, seen.reason, unit).await? {
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => refused(&call.server, console, refusal, subject, path).await,
    }
}

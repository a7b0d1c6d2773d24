//! `/admin/resources/{id}/{action}` and `/admin/scopes/{name}/delete`: what a change ends, and the
//! change.

use actix_web::{HttpResponse, web::Path};
use strum::{EnumString, IntoStaticStr};
use writ_core::ScopeSet;

use super::{
    Console, Place,
    app::usage_text,
    confirm::{Change, ConfirmPage, SecretPage, refused, seen},
    done, path_of,
    refusal::{Halt, Refusal},
    resource::{find, scope_path},
    scope,
};
use crate::{
    administration::{
        Actor,
        resources::{self as administration, version},
        scopes,
    },
    fault::{Fault, Stop},
    secret::{Secret, SecretHash},
    server::Call,
    store::{
        Tx, revision,
        usage::{self, Usage},
    },
    web::{error_page, form, page::Page, see_other},
};

/// A change, as the last segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
enum Action {
    /// Generate a secret for introspection.
    RotateSecret,
    /// Delete it.
    Delete,
}

/// What is changed: a resource server or a scope, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Resource(String),
    Scope(String),
}

/// What is stored about it.
struct Stored {
    /// The scopes that a deletion takes away.
    scopes: ScopeSet,
    version: String,
}

impl Subject {
    fn id(&self) -> &str {
        match self {
            Self::Resource(id) | Self::Scope(id) => id,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Resource(id) => path_of(Place::Resources, id),
            Self::Scope(name) => scope_path(name),
        }
    }

    fn read(&self, tx: &mut Tx<'_>) -> Result<Option<Stored>, Fault> {
        Ok(match self {
            Self::Resource(id) => find(tx, id)?.map(|server| Stored {
                scopes: server.scopes.iter().map(|scope| scope.name.as_str()).collect(),
                version: version(&server),
            }),
            Self::Scope(name) => scope::find(tx, name)?.map(|(_, scope)| Stored {
                scopes: std::iter::once(scope.name.as_str()).collect(),
                version: scopes::version(&scope),
            }),
        })
    }
}

/// `GET /admin/resources/{id}/{action}`: what the change does.
pub async fn show(call: Call, path: Path<(String, String)>) -> HttpResponse {
    let (id, action) = path.into_inner();
    show_of(&call, Subject::Resource(id), action.parse().ok()).await
}

/// `POST /admin/resources/{id}/{action}`: makes the change.
pub async fn submit(call: Call, path: Path<(String, String)>, body: form::Body) -> HttpResponse {
    let (id, action) = path.into_inner();
    submit_of(&call, Subject::Resource(id), action.parse().ok(), &body).await
}

/// `GET /admin/scopes/{name}/delete`: what the deletion ends.
pub async fn show_scope(call: Call, name: Path<String>) -> HttpResponse {
    show_of(&call, Subject::Scope(name.into_inner()), Some(Action::Delete)).await
}

/// `POST /admin/scopes/{name}/delete`: deletes the scope.
pub async fn submit_scope(call: Call, name: Path<String>, body: form::Body) -> HttpResponse {
    submit_of(&call, Subject::Scope(name.into_inner()), Some(Action::Delete), &body).await
}

async fn show_of(call: &Call, subject: Subject, action: Option<Action>) -> HttpResponse {
    super::show(call, Place::Resources, &subject.path(), async |console| {
        let Some(action) = action else { return Ok(error_page::not_found(console.page)) };
        let Some(seen) = seen(call)? else { return Ok(see_other(&subject.path())) };
        let (own, expected) = (subject.clone(), seen.clone());
        let read = call.server.store.read(move |tx| {
            let Some(stored) = own.read(tx)? else { return Ok(None) };
            // It reads all live grants.
            let counts = action == Action::Delete && stored.version == expected;
            let usage = if counts { Some(usage::of_scopes(tx, &stored.scopes)?) } else { None };
            Ok(Some((stored.version == expected, usage)))
        });
        match read.await? {
            Some((true, usage)) => Ok(ask(console, &subject, action, usage, seen)),
            Some((false, _)) => Ok(see_other(&subject.path())),
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

async fn submit_of(call: &Call, subject: Subject, action: Option<Action>, body: &form::Body) -> HttpResponse {
    super::submit(call, body, Place::Resources, &subject.path(), async |console, params| {
        let seen = Change::parse(&params)?;
        match action {
            Some(action) => change(call, console, subject.clone(), action, seen).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

fn ask(console: Console, subject: &Subject, action: Action, usage: Option<Usage>, seen: String) -> HttpResponse {
    let text = |key: &str| console.page.text(key);
    let usage = usage.unwrap_or(Usage { grants: 0, users: 0 });
    let counted = usage_text(&console, usage, ["console-scopes-taken", "console-scopes-taken-many"]);
    let (heading, effects, button) = match (action, subject) {
        (Action::RotateSecret, _) => {
            ("console-resource-rotate-heading", vec![text("console-resource-rotate-effect")], "console-rotate")
        }
        (Action::Delete, Subject::Resource(_)) => (
            "console-resource-delete-heading",
            vec![counted, text("console-resource-delete-effect")],
            "console-resource-delete",
        ),
        (Action::Delete, Subject::Scope(_)) => {
            ("console-scope-delete-heading", vec![counted, text("console-scope-delete-effect")], "console-scope-delete")
        }
    };
    let segment: &'static str = action.into();
    let page = ConfirmPage {
        action: format!("{}/{segment}", subject.path()),
        heading: console.page.text_with(heading, &[("name", subject.id())]),
        effects,
        warning: String::new(),
        is_grave: true,
        button: text(button),
        version: seen,
        fields: Vec::new(),
        back: subject.path(),
        subject: subject.id().to_owned(),
        page: console.page,
        frame: console.frame,
    };
    page.respond()
}

async fn change(
    call: &Call,
    console: Console,
    subject: Subject,
    action: Action,
    seen: Change,
) -> Result<HttpResponse, Stop> {
    let (secret, expected) = (Secret::random(), seen.version);
    let (hash, own) = (secret.hash(), subject.clone());
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        let stored = own.read(tx)?.ok_or(Refusal::Gone)?;
        if stored.version != expected {
            return Err(Refusal::Changed.into());
        }
        apply(tx, actor, &own, action, hash)
    };
    let (path, id) = (subject.path(), subject.id().to_owned());
    if let Err(refusal) = console.entrance.change(&call.server, seen.reason, unit).await? {
        return refused(&call.server, console, refusal, (id.clone(), id), path).await;
    }
    Ok(match action {
        Action::Delete => done(Place::Resources.path(), "delete"),
        Action::RotateSecret => {
            let secret = secret.expose();
            SecretPage { page: console.page, frame: console.frame, subject: id, secret, back: path }.respond()
        }
    })
}

fn apply(tx: &mut Tx<'_>, actor: &Actor, subject: &Subject, action: Action, hash: SecretHash) -> Result<(), Halt> {
    match (action, subject) {
        (Action::RotateSecret, Subject::Resource(id)) => administration::rotate_secret(tx, actor, id, hash)?,
        (Action::Delete, Subject::Resource(id)) => drop(administration::delete(tx, actor, id)??),
        (Action::Delete, Subject::Scope(name)) => drop(scopes::delete(tx, actor, name)??),
        (Action::RotateSecret, Subject::Scope(_)) => return Err(Refusal::Gone.into()),
    }
    Ok(())
}

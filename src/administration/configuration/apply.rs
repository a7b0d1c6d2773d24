//! Applies a plan: every change, or none.

use serde_json::json;
use writ_core::{
    groups::{Group, GroupIds},
    token::access_token::TokenProfile,
};

use super::{
    desired::Desired,
    plan::{Action, Plan, Step},
    state::State,
};
use crate::{
    administration::{
        Actor, Change, audit, clients as client_changes, groups as group_changes, resources as resource_changes,
        scopes as scope_changes,
    },
    config::Issuer,
    fault::Fault,
    store::{
        Id, Tx, clients, groups,
        owners::{self, Kind},
        resources::{self, ResourceServer, Scope},
        revision,
    },
};

/// Applies what a document asks for, if the plan is still the one that was `seen`. Each change is
/// an operation of [`crate::administration`], with its rules and its entry in the audit log.
///
/// # Errors
/// [`Fault::Undone`] if the plan is another one by now or an operation refuses, or a fault of the
/// store. Nothing is changed then.
pub fn apply(
    tx: &mut Tx<'_>,
    actor: &Actor,
    desired: &Desired,
    seen: &Plan,
    force: bool,
    issuer: &Issuer,
) -> Result<(), Fault> {
    // Whatever changes the configuration increments the revision, so that it waits from here on.
    revision::lock(tx)?;
    let state = State::read(tx, desired)?;
    let plan = Plan::new(&state, desired, force).map_err(|problems| Fault::Undone(problems.join("\n")))?;
    if plan != *seen {
        return Err(Fault::Undone(
            "the configuration has changed meanwhile: nothing was changed, plan again".to_owned(),
        ));
    }
    let applying = Applying { actor, desired, issuer };
    for step in &plan.steps {
        applying.step(tx, step).map_err(|fault| with_name(step, fault))?;
        if let Some(owner) = step.after.get("owner").and_then(|owner| owner.as_str()) {
            owners::set(tx, step.kind, &step.name, owner)?;
            let label = |owner| json!({ "owner": owner });
            let change = Change::between(label(step.before.get("owner")), label(step.after.get("owner")));
            audit::record(tx, actor, "configuration.own", format!("{} {}", step.kind.as_str(), step.name), change)?;
        }
    }
    applying.restore_scopes(tx)
}

struct Applying<'a> {
    actor: &'a Actor,
    desired: &'a Desired,
    issuer: &'a Issuer,
}

impl Applying<'_> {
    fn step(&self, tx: &mut Tx<'_>, step: &Step) -> Result<(), Fault> {
        let (actor, name) = (self.actor, step.name.as_str());
        if step.action == Action::Update && !step.changes_members() && !step.replaces_secret {
            return Ok(());
        }
        match (step.action, step.kind) {
            (Action::Delete, Kind::Client) => undone(client_changes::delete(tx, actor, name)?).map(drop),
            (Action::Delete, Kind::Scope) => undone(scope_changes::delete(tx, actor, name)?).map(drop),
            (Action::Delete, Kind::Resource) => undone(resource_changes::delete(tx, actor, name)?).map(drop),
            (Action::Delete, Kind::Group) => {
                let group = find_group(tx, name)?;
                undone(group_changes::delete(tx, actor, &group)?)
            }
            (action, Kind::Group) => self.group(tx, action, name),
            (action, Kind::Resource) => self.resource(tx, action, step),
            (action, Kind::Scope) => self.scope(tx, action, name),
            (action, Kind::Client) => self.client(tx, action, step),
        }
    }

    fn group(&self, tx: &mut Tx<'_>, action: Action, name: &str) -> Result<(), Fault> {
        let entry = wanted(self.desired.document.groups.get(name))?;
        let parent = entry.r#in.as_deref().map(|parent| find_group(tx, parent)).transpose()?.map(|group| group.id);
        if action == Action::Create {
            let group = Group { id: Id::now_v7().0, name: name.to_owned(), parent, acr: None };
            return undone(group_changes::create(tx, self.actor, &group)?);
        }
        let before = find_group(tx, name)?;
        if before.parent == parent {
            return Ok(());
        }
        undone(group_changes::update(tx, self.actor, &Group { parent, ..before })?)
    }

    fn resource(&self, tx: &mut Tx<'_>, action: Action, step: &Step) -> Result<(), Fault> {
        let entry = wanted(self.desired.document.resources.get(&step.name))?;
        let typ = entry.token_typ.as_deref().map(str::parse).transpose().map_err(Fault::Undone)?;
        let (alg, lifetime, groups) = (entry.token_alg, entry.token_lifetime, entry.token_groups);
        let after = ResourceServer {
            id: step.name.clone(),
            audience: entry.audience.clone(),
            names: entry.names.clone(),
            secret_hash: None,
            tokens: TokenProfile { typ, alg, lifetime, groups },
            scopes: Vec::new(),
        };
        undone(resource_changes::check(&after, self.issuer))?;
        let secret = self.desired.secrets.get(&(Kind::Resource, step.name.clone())).copied();
        if action == Action::Create {
            return resource_changes::create(tx, self.actor, &after, secret);
        }
        let before = resources::list(tx)?.into_iter().find(|server| server.id == step.name);
        let before = before.ok_or_else(gone)?;
        if step.changes_members() {
            let after = ResourceServer { scopes: before.scopes.clone(), ..after };
            resource_changes::update(tx, self.actor, &before, &after)?;
        }
        match secret.filter(|_| step.replaces_secret) {
            Some(secret) => resource_changes::rotate_secret(tx, self.actor, &step.name, secret),
            None => Ok(()),
        }
    }

    fn scope(&self, tx: &mut Tx<'_>, action: Action, name: &str) -> Result<(), Fault> {
        let entry = wanted(self.desired.document.scopes.get(name))?;
        let open_to = find_groups(tx, entry.groups.as_deref())?;
        let acr = entry.acr.as_deref().and_then(|acr| acr.parse().ok());
        let after = |id: Id| Scope {
            id,
            name: name.to_owned(),
            texts: entry.texts.clone(),
            risk: entry.risk,
            is_default: entry.default.unwrap_or(entry.risk.is_default()),
            open_to,
            acr,
        };
        if action == Action::Create {
            return undone(scope_changes::create(tx, self.actor, &entry.resource, &after(Id::now_v7()))?);
        }
        let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
        let before = scopes.into_iter().find(|scope| scope.name == name).ok_or_else(gone)?;
        let after = after(before.id);
        undone(scope_changes::update(tx, self.actor, &before, &after)?)
    }

    fn client(&self, tx: &mut Tx<'_>, action: Action, step: &Step) -> Result<(), Fault> {
        let entry = wanted(self.desired.document.clients.get(&step.name))?;
        let metadata = wanted(self.desired.clients.get(&step.name))?;
        let open_to = find_groups(tx, entry.groups.as_deref())?;
        let secret = self.desired.secrets.get(&(Kind::Client, step.name.clone())).copied();
        if action == Action::Create {
            undone(client_changes::create(tx, self.actor, &step.name, metadata, secret)?)?;
        } else {
            let before = clients::find(tx, &step.name)?.ok_or_else(gone)?;
            if before.metadata != *metadata {
                undone(client_changes::update(tx, self.actor, &before, metadata, None)?)?;
            }
            if let Some(secret) = secret.filter(|_| step.replaces_secret) {
                let changed = clients::find(tx, &step.name)?.ok_or_else(gone)?;
                undone(client_changes::rotate_secret(tx, self.actor, &changed, secret)?)?;
            }
        }
        let present = clients::find(tx, &step.name)?.ok_or_else(gone)?.open_to;
        if present != open_to {
            client_changes::set_groups(tx, self.actor, &step.name, open_to.as_ref())?;
        }
        Ok(())
    }

    /// A scope that moves to another resource server is deleted and created, which takes it from
    /// every registration. The clients of the document have it again.
    fn restore_scopes(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        for (id, metadata) in &self.desired.clients {
            let Some(client) = clients::find(tx, id)? else { continue };
            if client.metadata != *metadata {
                undone(client_changes::update(tx, self.actor, &client, metadata, None)?)?;
            }
        }
        Ok(())
    }
}

impl Step {
    /// Whether more than the label or the secret changes.
    fn changes_members(&self) -> bool {
        self.before.keys().chain(self.after.keys()).any(|member| member != "owner")
    }
}

fn find_group(tx: &mut Tx<'_>, name: &str) -> Result<Group, Fault> {
    let found = groups::list(tx)?.find(name).cloned();
    found.ok_or_else(|| Fault::Undone(format!("there is no group {name}")))
}

fn find_groups(tx: &mut Tx<'_>, names: Option<&[String]>) -> Result<Option<GroupIds>, Fault> {
    names.map(|names| names.iter().map(|name| Ok(find_group(tx, name)?.id)).collect()).transpose()
}

/// An entry that a step is about.
fn wanted<T>(entry: Option<T>) -> Result<T, Fault> {
    entry.ok_or_else(gone)
}

fn gone() -> Fault {
    Fault::Undone("it was deleted meanwhile".to_owned())
}

/// A refusal undoes everything.
fn undone<T>(result: Result<T, impl ToString>) -> Result<T, Fault> {
    result.map_err(|refusal| Fault::Undone(refusal.to_string()))
}

/// Names the object whose change was refused.
fn with_name(step: &Step, fault: Fault) -> Fault {
    let named = |reason: &str| Fault::Undone(format!("{} {}: {reason}", step.kind.as_str(), step.name));
    match &fault {
        Fault::Undone(reason) => named(reason),
        fault if fault.is_unique_violation() => named("something has this name or audience already"),
        _ => fault,
    }
}

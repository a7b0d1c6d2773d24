//! What applying a document would change.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    desired::{Desired, Objects},
    document::Invalid,
    state::State,
};
use crate::{
    administration::{clients::registration, version_of},
    store::owners::Kind,
};

/// The members that restrict who may use something.
const RESTRICTIONS: [&str; 2] = ["groups", "acr"];

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is created.
    Create,
    /// It is changed.
    Update,
    /// It is deleted.
    Delete,
}

/// A change of one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What happens.
    pub action: Action,
    /// The kind of the object.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The members that are replaced or removed, as they are.
    pub before: Map<String, Value>,
    /// The members that are added or replaced, as they will be.
    pub after: Map<String, Value>,
    /// Whether its secret is replaced by the referenced one.
    pub replaces_secret: bool,
    /// The other owner that loses it.
    pub taken_from: Option<String>,
}

/// The changes, in the order in which they are made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The changes.
    pub steps: Vec<Step>,
}

impl Plan {
    /// Compares what a document asks for with what there is. `force` takes over what another label
    /// owns, and deletes groups and clients that demand an `acr`.
    ///
    /// # Errors
    /// Every reason why the document cannot be applied.
    pub fn new(state: &State, desired: &Desired, force: bool) -> Result<Self, Vec<String>> {
        let objects = |objects: Result<Objects, Invalid>| objects.map_err(|Invalid(reason)| vec![reason]);
        let current = objects(state.document.objects())?;
        let wanted = objects(desired.document.objects())?;
        let owner = desired.document.owner.as_deref();
        let mut planning = Planning { state, desired, owner, force, steps: Vec::new(), problems: Vec::new() };
        for ((kind, name), after) in wanted.iter() {
            planning.want(*kind, name, current.get(&(*kind, name.clone())), after);
        }
        let is_owned = |key: &(Kind, String)| owner.is_some() && state.owners.get(key).map(String::as_str) == owner;
        for (key, before) in current.iter().filter(|(key, _)| is_owned(key) && !wanted.contains_key(*key)) {
            planning.delete(key.0, &key.1, before);
        }
        planning.check_deleted_resources();
        let Planning { mut steps, problems, .. } = planning;
        steps.sort_by_key(Step::position);
        if problems.is_empty() { Ok(Self { steps }) } else { Err(problems) }
    }

    /// Identifies the plan.
    pub fn digest(&self) -> String {
        version_of(&self.steps)
    }

    /// Whether something is deleted, or taken from another owner.
    pub fn takes_away(&self) -> bool {
        self.steps.iter().any(|step| step.action == Action::Delete || step.taken_from.is_some())
    }

    /// Whether something is opened to more users: a restriction changes, a demanded `acr` goes with
    /// what demands it, or a group is put into another, whose rights its members then have.
    pub fn opens(&self) -> bool {
        let is_restricted = |step: &Step| RESTRICTIONS.iter().any(|name| step.before.contains_key(*name));
        self.steps.iter().any(|step| match (step.action, step.kind) {
            (Action::Delete, Kind::Group | Kind::Client) => step.before.contains_key("acr"),
            (Action::Delete, Kind::Scope) => self.created_again(step).is_some_and(|created| {
                RESTRICTIONS
                    .iter()
                    .any(|name| step.before.get(*name).is_some_and(|was| created.get(*name) != Some(was)))
            }),
            (_, Kind::Group) => step.after.get("in").is_some_and(|parent| !parent.is_null()),
            (action, _) => action == Action::Update && is_restricted(step),
        })
    }

    /// The members of what is created with the name of what a step deletes.
    fn created_again(&self, deleted: &Step) -> Option<&Map<String, Value>> {
        let is_again =
            |step: &&Step| (step.action, step.kind, &step.name) == (Action::Create, deleted.kind, &deleted.name);
        self.steps.iter().find(is_again).map(|step| &step.after)
    }
}

impl Step {
    /// The order of the changes: nothing refers to what does not exist yet, or no longer.
    fn position(&self) -> (u8, bool) {
        let is_nested = self.kind == Kind::Group && self.after.get("in").is_some_and(|parent| !parent.is_null());
        let position = match (self.action, self.kind) {
            (Action::Delete, Kind::Client) => 0,
            (Action::Delete, Kind::Scope) => 1,
            (Action::Delete, Kind::Resource) => 2,
            (_, Kind::Group) if self.action != Action::Delete => 3,
            (_, Kind::Resource) => 4,
            (_, Kind::Scope) => 5,
            (_, Kind::Client) => 6,
            (_, Kind::Group) => 7,
        };
        (position, is_nested)
    }
}

struct Planning<'a> {
    state: &'a State,
    desired: &'a Desired,
    owner: Option<&'a str>,
    force: bool,
    steps: Vec<Step>,
    problems: Vec<String>,
}

impl Planning<'_> {
    fn want(&mut self, kind: Kind, name: &str, current: Option<&Map<String, Value>>, wanted: &Map<String, Value>) {
        let key = (kind, name.to_owned());
        if kind == Kind::Client && self.state.of_others.contains(name) {
            self.problems.push(format!("client {name} registered itself: choose another client_id"));
            return;
        }
        let Some(current) = current else {
            if kind == Kind::Client
                && let Err(invalid) = registration::check_client_id(name)
            {
                self.problems.push(format!("client {name}: {invalid}"));
            }
            let replaces_secret = self.desired.secrets.contains_key(&key);
            let after = self.labelled(wanted.clone());
            self.push(Action::Create, kind, name, Map::new(), after, replaces_secret, None);
            return;
        };
        let owned_by = self.state.owners.get(&key).map(String::as_str);
        let moves = kind == Kind::Scope && current.get("resource") != wanted.get("resource");
        let (mut before, mut after) = differences(current, wanted);
        let replaces_secret = self.state.other_secrets.contains(&key);
        if self.owner.is_some() && owned_by != self.owner {
            before.extend(owned_by.map(|label| ("owner".to_owned(), json!(label))));
            after = self.labelled(after);
        }
        if before.is_empty() && after.is_empty() && !replaces_secret {
            return;
        }
        let taken_from = owned_by.filter(|label| Some(*label) != self.owner).map(str::to_owned);
        if let Some(label) = &taken_from
            && !self.force
        {
            self.problems.push(format!("{} {name} belongs to {label}: --force changes it anyway", kind.as_str()));
        } else if moves {
            // A scope with another owner is another scope: each user consents again.
            self.push(Action::Delete, kind, name, current.clone(), Map::new(), false, taken_from);
            let after = self.labelled(wanted.clone());
            self.push(Action::Create, kind, name, Map::new(), after, false, None);
        } else {
            self.push(Action::Update, kind, name, before, after, replaces_secret, taken_from);
        }
    }

    fn delete(&mut self, kind: Kind, name: &str, before: &Map<String, Value>) {
        let mut before = before.clone();
        if let Some(acr) = self.state.demands.get(&(kind, name.to_owned())) {
            let (kind, acr) = (kind.as_str(), acr.as_str());
            if !self.force {
                self.problems.push(format!("{kind} {name} demands {acr}: --force deletes it, and so lifts that"));
                return;
            }
            before.insert("acr".to_owned(), json!(acr));
        }
        self.push(Action::Delete, kind, name, before, Map::new(), false, None);
    }

    /// With a resource server, its scopes would go, which others may own.
    fn check_deleted_resources(&mut self) {
        let deleted = |kind: Kind, name: &str| {
            self.steps.iter().any(|step| (step.action, step.kind) == (Action::Delete, kind) && step.name == name)
        };
        let kept = self.state.document.scopes.iter();
        let kept = kept.filter(|(name, scope)| deleted(Kind::Resource, &scope.resource) && !deleted(Kind::Scope, name));
        let problems = kept.map(|(name, scope)| {
            format!("resource {} cannot be deleted: scope {name} is not among what is deleted", scope.resource)
        });
        let problems: Vec<String> = problems.collect();
        self.problems.extend(problems);
    }

    fn labelled(&self, mut members: Map<String, Value>) -> Map<String, Value> {
        members.extend(self.owner.map(|owner| ("owner".to_owned(), json!(owner))));
        members
    }

    #[expect(clippy::too_many_arguments, reason = "they are the members of a step")]
    fn push(
        &mut self,
        action: Action,
        kind: Kind,
        name: &str,
        before: Map<String, Value>,
        after: Map<String, Value>,
        replaces_secret: bool,
        taken_from: Option<String>,
    ) {
        self.steps.push(Step { action, kind, name: name.to_owned(), before, after, replaces_secret, taken_from });
    }
}

/// The members that differ.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let other_than = |one: &Map<String, Value>, other: &Map<String, Value>| {
        let differing = one.iter().filter(|(name, value)| other.get(*name) != Some(*value));
        differing.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    (other_than(before, after), other_than(after, before))
}

#[cfg(test)]
mod tests;

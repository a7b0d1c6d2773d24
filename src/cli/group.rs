//! `writ group`: manages groups of users.

mod at_server;
mod open_to;

use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Map, Value, json};
use writ::{
    administration::{self, groups::Refusal},
    fault::Fault,
    store::{
        Id, Store, Tx, groups, revision,
        users::{self, User},
    },
};
use writ_core::{
    groups::{Group, Groups},
    vocabulary::acr::Acr,
};

pub(super) use self::open_to::{DemandedAcr, OpenToArgs, find_ids};
use super::{
    administrator::{Administrator, ConfirmArgs, is_taken},
    output::{self, OutputArgs},
    remote::{Remote, Request},
    target::Target,
};

/// Why a server does not change what a group demands.
const NEEDS_DATABASE: &str = "--acr needs the database: run the command there, without --server";

#[derive(Debug, Subcommand)]
pub(super) enum GroupCommand {
    /// Add a group.
    Create {
        /// The name, which the claim `groups` contains.
        name: String,
        /// A group that it is in. Its members are then members of that group, too.
        #[arg(long = "in", value_name = "GROUP")]
        parent: Option<String>,
        /// The class of authentication that it demands of its members: mfa, or none.
        #[arg(long, value_name = "ACR", default_value = "none")]
        acr: DemandedAcr,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Rename a group, put it into another group, or change what it demands.
    Update(UpdateArgs),
    /// List all groups.
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show a group: its members, the groups in it, and what is open to it.
    Show(GroupArgs),
    /// Delete a group. Its members and the groups in it stay.
    Delete {
        #[command(flatten)]
        group: GroupArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Put users into a group.
    Add(MembersArgs),
    /// Take users out of a group. What was open to them by it ends with the next token.
    Remove(MembersArgs),
}

#[derive(Debug, Args)]
pub(super) struct GroupArgs {
    /// The name.
    group: String,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct UpdateArgs {
    /// The name.
    group: String,
    /// The new name. The id stays the same, and so does what is open to the group.
    #[arg(long)]
    name: Option<String>,
    /// A group that it is in from now on.
    #[arg(long = "in", value_name = "GROUP")]
    parent: Option<String>,
    /// It is in no other group from now on.
    #[arg(long, conflicts_with = "parent")]
    top: bool,
    /// The class of authentication that it demands of its members from now on: mfa, or none.
    #[arg(long, value_name = "ACR")]
    acr: Option<DemandedAcr>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct MembersArgs {
    /// The name of the group.
    group: String,
    /// Usernames or e-mail addresses.
    #[arg(required = true)]
    logins: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Serialize)]
struct GroupView {
    id: String,
    name: String,
    r#in: Option<String>,
    members: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'static str>,
}

#[derive(Serialize)]
struct GroupDetails {
    id: String,
    name: String,
    r#in: Option<String>,
    groups: Vec<String>,
    members: Vec<String>,
    open: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'static str>,
}

impl GroupCommand {
    pub(super) async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::Create { name, parent, acr: DemandedAcr(acr), output } => {
                target
                    .item(
                        output,
                        async |remote| {
                            ensure!(acr.is_none(), NEEDS_DATABASE);
                            let parent = at_server::parent(remote, parent.as_deref()).await?;
                            let body = json!({ "name": name, "parent": parent });
                            let created = remote.send(Request::new("group.create").with(body)).await?;
                            at_server::view(remote, &created).await
                        },
                        async |administrator| create(administrator, name.clone(), parent.as_deref(), acr).await,
                    )
                    .await
            }
            Self::Update(arguments) => arguments.run(target).await,
            Self::List { output } => {
                target
                    .list(
                        output,
                        &["name", "in", "members", "id"],
                        async |remote| at_server::list(remote).await,
                        async |administrator| list(administrator.store).await,
                    )
                    .await
            }
            Self::Show(GroupArgs { group, output }) => {
                target
                    .item(
                        output,
                        async |remote| at_server::details(remote, &group).await,
                        async |administrator| {
                            let group = find(administrator.store, &group).await?;
                            Ok(administrator.store.read(move |tx| read_details(tx, &group)).await?)
                        },
                    )
                    .await
            }
            Self::Delete { group: GroupArgs { group, output }, confirm } => {
                target
                    .done(
                        output,
                        &format!("Deleted group {group}."),
                        async |remote| {
                            let request = Request::new("group.delete").on(remote.group_id(&group).await?);
                            remote.send(request.confirmed_by(confirm)).await
                        },
                        async |administrator| delete(administrator, &group, confirm).await,
                    )
                    .await
            }
            Self::Add(MembersArgs { group, logins, output }) => {
                let sentence = |count: u64| format!("Put {count} users into {group}.");
                target
                    .told(
                        output,
                        async |remote| {
                            at_server::change_members(remote, "group.add", &group, &logins).await.map(sentence)
                        },
                        async |administrator| {
                            let add = administration::groups::add;
                            change_members(administrator, &group, logins.clone(), add).await.map(sentence)
                        },
                    )
                    .await
            }
            Self::Remove(MembersArgs { group, logins, output }) => {
                let sentence = |count: u64| format!("Took {count} users out of {group}.");
                target
                    .told(
                        output,
                        async |remote| {
                            at_server::change_members(remote, "group.remove", &group, &logins).await.map(sentence)
                        },
                        async |administrator| {
                            let remove = administration::groups::remove;
                            change_members(administrator, &group, logins.clone(), remove).await.map(sentence)
                        },
                    )
                    .await
            }
        }
    }
}

async fn create(
    administrator: &Administrator<'_>,
    name: String,
    parent: Option<&str>,
    acr: Option<Acr>,
) -> anyhow::Result<GroupView> {
    let parent = match parent {
        Some(parent) => Some(find(administrator.store, parent).await?.id),
        None => None,
    };
    let group = Group { id: Id::now_v7().0, name, parent, acr };
    let created = administrator.change({
        let group = group.clone();
        move |tx, actor| administration::groups::create(tx, actor, &group)
    });
    unless_taken(created.await, &group.name)?;
    view(administrator.store, group).await
}

async fn list(store: &Store) -> anyhow::Result<Vec<GroupView>> {
    let views = store.read(|tx| {
        let all = groups::list(tx)?;
        all.by_name().into_iter().map(|group| read_view(tx, &all, group)).collect::<Result<Vec<_>, _>>()
    });
    Ok(views.await?)
}

async fn delete(administrator: &Administrator<'_>, name: &str, confirm: ConfirmArgs) -> anyhow::Result<()> {
    let group = find(administrator.store, name).await?;
    let id = Id(group.id);
    let members = administrator.store.read(move |tx| groups::count_members(tx, id)).await?;
    if members > 0 {
        confirm.confirm(format_args!("Deleting {} takes it from {members} users.", group.name))?;
    }
    Ok(administrator.change(move |tx, actor| administration::groups::delete(tx, actor, &group)).await??)
}

impl UpdateArgs {
    async fn run(self, target: &Target<'_>) -> anyhow::Result<()> {
        let changes = self.name.is_some() || self.parent.is_some() || self.top || self.acr.is_some();
        ensure!(changes, "nothing to change: give --name, --in, --top or --acr");
        target
            .item(
                self.output,
                async |remote| self.send(remote).await,
                async |administrator| self.store(administrator).await,
            )
            .await
    }

    /// Changes the group at a server.
    async fn send(&self, remote: &Remote) -> anyhow::Result<Value> {
        ensure!(self.acr.is_none(), NEEDS_DATABASE);
        let mut members = Map::new();
        members.extend(self.name.as_ref().map(|name| ("name".to_owned(), json!(name))));
        if self.top || self.parent.is_some() {
            members.insert("parent".to_owned(), json!(at_server::parent(remote, self.parent.as_deref()).await?));
        }
        let request = Request::new("group.update").on(remote.group_id(&self.group).await?).with(members);
        let updated = remote.send(request).await?;
        at_server::view(remote, &updated).await
    }

    /// Changes the group in the database.
    async fn store(&self, administrator: &Administrator<'_>) -> anyhow::Result<GroupView> {
        let store = administrator.store;
        let id = find(store, &self.group).await?.id;
        let parent = match &self.parent {
            Some(parent) => Some(find(store, parent).await?.id),
            None => None,
        };
        if let Some(name) = self.name.as_ref().filter(|name| **name != self.group) {
            output::error_line(format_args!(
                "Apps that know the group as {} by the claim groups do not recognize {name} in new tokens. \
                 What is open to it stays open to it.",
                self.group
            ));
            let console = &administrator.settings.console;
            if console.enabled && console.group == self.group {
                output::error_line(format_args!("Its members are no administrators until console.group is {name}."));
            }
        }
        let (name, top, acr) = (self.name.clone(), self.top, self.acr);
        // What another administrator changes meanwhile is kept.
        let updated = administrator.change(move |tx, actor| {
            revision::lock(tx)?;
            let Some(mut group) = groups::list(tx)?.get(id).cloned() else { return Ok(Err(Refusal::Gone)) };
            group.name = name.unwrap_or(group.name);
            group.parent = if top { None } else { parent.or(group.parent) };
            group.acr = acr.map_or(group.acr, |DemandedAcr(acr)| acr);
            Ok(administration::groups::update(tx, actor, &group)?.map(|()| group))
        });
        let group = unless_taken(updated.await, self.name.as_deref().unwrap_or(&self.group))?;
        view(store, group).await
    }
}

/// Applies `change` to the users, if all of them exist. Returns their number.
async fn change_members<F>(
    administrator: &Administrator<'_>,
    group: &str,
    logins: Vec<String>,
    change: F,
) -> anyhow::Result<u64>
where
    F: FnOnce(&mut Tx<'_>, &administration::Actor, &Group, &[User]) -> Result<Result<usize, Refusal>, Fault>
        + Clone
        + Send
        + 'static,
{
    let group = find(administrator.store, group).await?;
    let changed = administrator.change(move |tx, actor| {
        let mut members = Vec::with_capacity(logins.len());
        for login in logins {
            match users::find_by_login(tx, &login)? {
                Some(user) => members.push(user),
                None => return Ok(Err(login)),
            }
        }
        Ok(Ok(change(tx, actor, &group, &members)?))
    });
    match changed.await? {
        Ok(changed) => Ok(changed? as u64),
        Err(login) => bail!("there is no user with the username or e-mail address {login}: nothing was changed"),
    }
}

fn unless_taken<T>(changed: anyhow::Result<Result<T, Refusal>>, name: &str) -> anyhow::Result<T> {
    match changed {
        Err(error) if is_taken(&error) => Err(anyhow!("there is a group {name} already")),
        changed => Ok(changed??),
    }
}

async fn find(store: &Store, name: &str) -> anyhow::Result<Group> {
    let all = store.read(groups::list).await?;
    all.find(name).cloned().with_context(|| missing(name))
}

fn missing(name: &str) -> String {
    format!("there is no group {name}: see `writ group list`")
}

async fn view(store: &Store, group: Group) -> anyhow::Result<GroupView> {
    Ok(store
        .read(move |tx| {
            let all = groups::list(tx)?;
            read_view(tx, &all, &group)
        })
        .await?)
}

fn read_view(tx: &mut Tx<'_>, all: &Groups, group: &Group) -> Result<GroupView, Fault> {
    Ok(GroupView {
        id: group.id.to_string(),
        name: group.name.clone(),
        r#in: parent_name(all, group),
        members: groups::count_members(tx, Id(group.id))?,
        acr: group.acr.map(Acr::as_str),
    })
}

fn read_details(tx: &mut Tx<'_>, group: &Group) -> Result<GroupDetails, Fault> {
    let all = groups::list(tx)?;
    let nested = all.by_name().into_iter().filter(|other| other.parent == Some(group.id));
    let members = groups::members(tx, Id(group.id))?;
    Ok(GroupDetails {
        id: group.id.to_string(),
        name: group.name.clone(),
        r#in: parent_name(&all, group),
        groups: nested.map(|group| group.name.clone()).collect(),
        members: members.into_iter().map(|user| user.username).collect(),
        open: groups::uses(tx, Id(group.id), usize::MAX)?.named,
        acr: group.acr.map(Acr::as_str),
    })
}

fn parent_name(all: &Groups, group: &Group) -> Option<String> {
    Some(all.get(group.parent?)?.name.clone())
}

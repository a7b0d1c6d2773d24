//! `writ group`: manages groups of users.

use std::str::FromStr;

use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;
use writ::{
    administration::{self, groups::Refusal},
    fault::Fault,
    store::{
        Id, Store, Tx, groups, revision,
        users::{self, User},
    },
};
use writ_core::{
    groups::{Group, GroupIds, Groups},
    vocabulary::acr::Acr,
};

use super::{
    administrator::{Administrator, ConfirmArgs, is_taken},
    output::{self, OutputArgs},
};

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

/// The class of authentication that something demands, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct DemandedAcr(pub(super) Option<Acr>);

impl FromStr for DemandedAcr {
    type Err = String;

    /// A class by its URI or the last part of it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self(None));
        }
        let acr = text.parse().or_else(|_| format!("urn:writ:acr:{text}").parse());
        acr.map(|acr| Self(Some(acr))).map_err(|_| format!("there is no class {text}: name mfa or none"))
    }
}

/// The groups that something is open to.
#[derive(Debug, Args)]
pub(super) struct OpenToArgs {
    /// Open it only to members of these groups, comma-separated.
    #[arg(long, value_name = "GROUP,...", value_delimiter = ',', conflicts_with = "all_users")]
    groups: Vec<String>,
    /// Open it to all users again.
    #[arg(long)]
    all_users: bool,
}

/// A change of what something is open to.
#[derive(Debug, Clone)]
pub(super) enum OpenTo {
    Unchanged,
    AllUsers,
    Groups(GroupIds),
}

/// The ids of the groups with these names.
pub(super) async fn find_ids(store: &Store, names: &[String]) -> anyhow::Result<GroupIds> {
    let all = store.read(groups::list).await?;
    names.iter().map(|name| Ok(all.find(name.trim()).with_context(|| missing(name))?.id)).collect()
}

impl OpenToArgs {
    pub(super) async fn find(&self, store: &Store) -> anyhow::Result<OpenTo> {
        Ok(match (self.all_users, self.groups.is_empty()) {
            (true, _) => OpenTo::AllUsers,
            (false, true) => OpenTo::Unchanged,
            (false, false) => OpenTo::Groups(find_ids(store, &self.groups).await?),
        })
    }
}

impl OpenTo {
    pub(super) const fn is_unchanged(&self) -> bool {
        matches!(self, Self::Unchanged)
    }

    /// The groups after the change.
    pub(super) fn apply(self, before: Option<GroupIds>) -> Option<GroupIds> {
        match self {
            Self::Unchanged => before,
            Self::AllUsers => None,
            Self::Groups(groups) => Some(groups),
        }
    }
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
    pub(super) async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let store = administrator.store;
        match self {
            Self::Create { name, parent, acr: DemandedAcr(acr), output } => {
                let parent = match parent {
                    Some(parent) => Some(find(store, &parent).await?.id),
                    None => None,
                };
                let group = Group { id: Id::now_v7().0, name, parent, acr };
                let created = administrator.change({
                    let group = group.clone();
                    move |tx, actor| administration::groups::create(tx, actor, &group)
                });
                unless_taken(created.await, &group.name)?;
                output.item(&view(store, group).await?)
            }
            Self::Update(arguments) => arguments.run(administrator).await,
            Self::List { output } => {
                let views = store.read(|tx| {
                    let all = groups::list(tx)?;
                    all.by_name().into_iter().map(|group| read_view(tx, &all, group)).collect::<Result<Vec<_>, _>>()
                });
                output.list(&["name", "in", "members", "id"], &views.await?)
            }
            Self::Show(GroupArgs { group, output }) => {
                let group = find(store, &group).await?;
                output.item(&store.read(move |tx| read_details(tx, &group)).await?)
            }
            Self::Delete { group: GroupArgs { group, output }, confirm } => {
                let group = find(store, &group).await?;
                let id = Id(group.id);
                let members = store.read(move |tx| groups::count_members(tx, id)).await?;
                if members > 0 {
                    confirm.confirm(format_args!("Deleting {} takes it from {members} users.", group.name))?;
                }
                let name = group.name.clone();
                let deleted =
                    administrator.change(move |tx, actor| administration::groups::delete(tx, actor, &group)).await?;
                deleted?;
                output.done(&format!("Deleted group {name}."))
            }
            Self::Add(arguments) => {
                let name = arguments.group.clone();
                let (count, output) = arguments.change(administrator, administration::groups::add).await?;
                output.done(&format!("Put {count} users into {name}."))
            }
            Self::Remove(arguments) => {
                let name = arguments.group.clone();
                let (count, output) = arguments.change(administrator, administration::groups::remove).await?;
                output.done(&format!("Took {count} users out of {name}."))
            }
        }
    }
}

impl UpdateArgs {
    async fn run(self, administrator: &Administrator<'_>) -> anyhow::Result<()> {
        let store = administrator.store;
        let changes = self.name.is_some() || self.parent.is_some() || self.top || self.acr.is_some();
        ensure!(changes, "nothing to change: give --name, --in, --top or --acr");
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
        self.output.item(&view(store, group).await?)
    }
}

impl MembersArgs {
    /// Applies `change` to the users, if all of them exist.
    async fn change<F>(self, administrator: &Administrator<'_>, change: F) -> anyhow::Result<(usize, OutputArgs)>
    where
        F: FnOnce(&mut Tx<'_>, &administration::Actor, &Group, &[User]) -> Result<Result<usize, Refusal>, Fault>
            + Clone
            + Send
            + 'static,
    {
        let Self { group, logins, output } = self;
        let group = find(administrator.store, &group).await?;
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
            Ok(changed) => Ok((changed?, output)),
            Err(login) => bail!("there is no user with the username or e-mail address {login}: nothing was changed"),
        }
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

//! Why a change in the console was not made.

use crate::{
    administration::{Restricted, administrators, clients, groups, resources, scopes},
    fault::Fault,
};

/// Why a change was not made. Nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The administrator may not enter any more.
    Left,
    /// What was to be changed does not exist any more.
    Gone,
    /// There is another version of it.
    Changed,
    /// No administrator would be left.
    LastAdministrator,
    /// Only the command line makes this change.
    CommandLine,
    /// The client has no secret.
    NoSecret,
    /// There is no next key yet, or verifiers may not know it.
    TooEarly,
    /// Something has this name already.
    Taken,
    /// A name has another length, or other characters.
    Name,
    /// A group cannot be in that group.
    NotNested,
    /// Something is open to the group.
    InUse,
    /// The user is in too many groups.
    TooManyGroups,
    /// There is no such user.
    NoUser,
    /// A text cannot be shown, or English is missing.
    Words,
    /// The audience is no absolute URI, or is reserved.
    Audience,
    /// A token would live too long, or not at all.
    Lifetime,
    /// There is no group with this name.
    NoGroup,
}

impl Refusal {
    /// The key of the text that explains it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Left | Self::Gone | Self::Changed => "console-changed",
            Self::LastAdministrator => "console-last-administrator",
            Self::CommandLine => "console-command-line",
            Self::NoSecret => "console-no-secret",
            Self::TooEarly => "console-key-too-early",
            Self::Taken => "console-name-taken",
            Self::Name => "console-name-invalid",
            Self::NotNested => "console-group-not-nested",
            Self::InUse => "console-group-in-use",
            Self::TooManyGroups => "console-group-too-many",
            Self::NoUser => "console-user-not-found-here",
            Self::Words => "console-words-invalid",
            Self::Audience => "console-audience-invalid",
            Self::Lifetime => "console-token-lifetime-invalid",
            Self::NoGroup => "console-group-unknown",
        }
    }
}

/// Why a unit of work ends early. A refusal comes before anything is written.
pub(super) enum Halt {
    /// A rule refuses the change.
    Refused(Refusal),
    /// Something broke. The unit of work rolls back.
    Broken(Fault),
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<administrators::Refusal> for Halt {
    fn from(refusal: administrators::Refusal) -> Self {
        Self::Refused(match refusal {
            administrators::Refusal::Last => Refusal::LastAdministrator,
            administrators::Refusal::Administrator => Refusal::CommandLine,
        })
    }
}

impl From<groups::Refusal> for Halt {
    fn from(refusal: groups::Refusal) -> Self {
        Self::Refused(match refusal {
            groups::Refusal::Gone => Refusal::Gone,
            groups::Refusal::Name => Refusal::Name,
            groups::Refusal::NotNested(_) => Refusal::NotNested,
            groups::Refusal::InUse(_) => Refusal::InUse,
            groups::Refusal::TooMany => Refusal::TooManyGroups,
            groups::Refusal::Administrators | groups::Refusal::Demands => Refusal::CommandLine,
            groups::Refusal::LastAdministrator(refusal) => return refusal.into(),
        })
    }
}

impl From<resources::Refusal> for Halt {
    fn from(refusal: resources::Refusal) -> Self {
        Self::Refused(match refusal {
            resources::Refusal::Id => Refusal::Name,
            resources::Refusal::Lifetime => Refusal::Lifetime,
            resources::Refusal::NotAnAudience | resources::Refusal::Reserved(_) => Refusal::Audience,
            resources::Refusal::Names(_) => Refusal::Words,
        })
    }
}

impl From<scopes::Refusal> for Halt {
    fn from(refusal: scopes::Refusal) -> Self {
        Self::Refused(match refusal {
            scopes::Refusal::Malformed | scopes::Refusal::OfOpenId(_) | scopes::Refusal::Reserved(_) => Refusal::Name,
            scopes::Refusal::Texts(_) => Refusal::Words,
            scopes::Refusal::UnknownResource(_) => Refusal::Gone,
            scopes::Refusal::Loosened => Refusal::CommandLine,
        })
    }
}

impl From<Restricted> for Halt {
    fn from(_: Restricted) -> Self {
        Self::Refused(Refusal::CommandLine)
    }
}

impl From<clients::Refusal> for Halt {
    fn from(refusal: clients::Refusal) -> Self {
        Self::Refused(match refusal {
            clients::Refusal::Changed(_) => Refusal::Changed,
            clients::Refusal::NoSecret(_) => Refusal::NoSecret,
            clients::Refusal::UnknownScope(_)
            | clients::Refusal::NotByOperator(_)
            | clients::Refusal::CommandLineOnly(_)
            | clients::Refusal::Restricted(_) => Refusal::CommandLine,
        })
    }
}

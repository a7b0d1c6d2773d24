//! Why a change in the console was not made.

use crate::{
    administration::{administrators, clients},
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
}

impl Refusal {
    /// The key of the text that explains it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Left | Self::Gone | Self::Changed => "console-changed",
            Self::LastAdministrator => "console-last-administrator",
            Self::CommandLine => "console-command-line",
            Self::NoSecret => "console-no-secret",
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

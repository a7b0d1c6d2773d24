//! Configuration as code: groups, resource servers, scopes and clients in a document.
//!
//! [`Document`] is what an operator writes, [`Desired`] what it asks for, [`State`] what there is,
//! and [`Plan`] the difference. [`apply()`] makes the changes of a plan in one unit of work, by the
//! operations of [`crate::administration`], if the plan is still the one that was seen.

mod apply;
mod desired;
mod document;
pub mod import;
mod losses;
mod plan;
mod state;

pub use apply::apply;
pub use desired::Desired;
pub use document::{Document, Invalid, Reference, json_schema};
pub use losses::{Loss, count};
pub use plan::{Action, Plan, Step};
pub use state::{State, export};

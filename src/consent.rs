//! Consent: what was requested, what the page said about it, what was ticked and recorded, and the
//! signed receipt. Browser flow, device flow and command line share it.

mod disclosure;
pub mod receipt;
pub mod record;
mod scope_text;
mod scopes;

pub use self::{
    disclosure::{disclosure, disclosures},
    receipt::receipt,
    record::{ConsentRecord, ConsentSource, record},
    scope_text::{ScopeDescription, openid_scope_risk, openid_scope_texts},
    scopes::{ConsentScope, ScopeGroup, UnrequestedScope, scope_groups, shown_scopes, unrequested_scopes},
};

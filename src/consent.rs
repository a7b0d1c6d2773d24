//! Consent: the requested scopes, their descriptions, the recorded decision and the signed receipt.
//! The browser flow, the device flow and the command line share it.

mod disclosure;
mod previous_texts;
pub mod receipt;
pub mod record;
mod scope_text;
mod scopes;

pub use self::{
    disclosure::{disclosure, disclosures},
    previous_texts::add_previous_texts,
    receipt::receipt,
    record::{ConsentRecord, ConsentSource, record},
    scope_text::{ScopeDescription, allowed_claims, openid_scope_risk, openid_scope_texts, shown_claims},
    scopes::{
        Condition, ConsentScope, ScopeGroup, Unmet, UnrequestedScope, scope_groups, shown_scopes, unrequested_scopes,
    },
};

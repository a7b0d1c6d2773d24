//! A grant as a flat row. Only this file represents states by special values.

use diesel::prelude::*;
use writ_core::{
    ScopeSet,
    grants::{Bounds, Code, Grant, GrantState, Live},
    scopes::ScopeIds,
    token::refresh_token::{Family, Replaced},
    vocabulary::{claims_request::ClaimsRequest, pkce::CodeChallenge},
};

use super::{
    super::{Fault, Id, schema::grants, sessions::read_evidence, users::User},
    TokenGrant,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub(super) struct GrantRow {
    pub(super) id: Id,
    pub(super) user_id: Id,
    pub(super) client_id: String,
    pub(super) session_id: Id,
    pub(super) bound_to: Option<Id>,
    pub(super) scope: String,
    /// The resource servers, separated by spaces.
    #[diesel(column_name = audience)]
    pub(super) resources: String,
    pub(super) auth_time: i64,
    pub(super) created_at: i64,
    /// Empty if there was no code.
    pub(super) code_hash: Vec<u8>,
    pub(super) code_expires_at: i64,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_challenge: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) redeemed_at: Option<i64>,
    pub(super) last_used_at: i64,
    pub(super) expires_at: i64,
    pub(super) ends_at: Option<i64>,
    pub(super) revoked_at: Option<i64>,
    /// 0 if no refresh token was issued.
    pub(super) generation: i32,
    /// 0 if the newest refresh token is the first.
    pub(super) predecessor: i32,
    pub(super) rotated_at: i64,
    pub(super) replays: i32,
    pub(super) claims: Option<String>,
    pub(super) last_used_network: String,
    pub(super) scope_ids: Option<String>,
    pub(super) asserted_by: Option<String>,
    pub(super) evidence: Option<String>,
}

impl GrantRow {
    pub(super) fn parse(self) -> Result<Grant, Fault> {
        let code = (!self.code_hash.is_empty()).then_some(Code {
            secret_hash: self.code_hash,
            expires_at: self.code_expires_at,
            redirect_uri: self.redirect_uri,
            code_challenge: self.code_challenge.map(CodeChallenge::from_stored),
            nonce: self.nonce,
        });
        let replaced = Replaced { generation: self.predecessor, at: self.rotated_at, replays: self.replays };
        let family = Family { generation: self.generation, replaced: (self.predecessor > 0).then_some(replaced) };
        let state = match (self.revoked_at, self.redeemed_at, code) {
            (Some(_), _, _) => GrantState::Revoked,
            (None, None, Some(code)) => GrantState::CodeIssued(code),
            (None, None, None) => return Err(Fault::Corrupt(format!("grant {} has no code", self.id))),
            (None, Some(_), code) => GrantState::Live(Live {
                code,
                family: (self.generation > 0).then_some(family),
                last_used_at: self.last_used_at,
                last_used_network: self.last_used_network,
            }),
        };
        let evidence = read_evidence(self.evidence.as_deref(), self.auth_time);
        let claims = parse_claims(self.claims.as_deref())?;
        Ok(Grant {
            id: self.id.0,
            user_id: self.user_id.0,
            asserted_by: self.asserted_by,
            client_id: self.client_id,
            sid: self.session_id.0,
            bound_to: self.bound_to.map(|sid| sid.0),
            scope: ScopeSet::from_stored(&self.scope),
            scope_ids: ScopeIds::from_stored(self.scope_ids.as_deref()),
            claims,
            resources: self.resources.split(' ').filter(|uri| !uri.is_empty()).map(str::to_owned).collect(),
            auth_time: self.auth_time,
            evidence,
            created_at: self.created_at,
            ends_at: self.ends_at,
            expires_at: self.expires_at,
            state,
        })
    }
}

/// The columns of a row as expressions, in the order of the table.
macro_rules! expressions {
    ($row:expr) => {{
        let row = $row;
        (
            row.id.into_sql::<Binary>(),
            row.user_id.into_sql::<Binary>(),
            row.client_id.into_sql::<Text>(),
            row.session_id.into_sql::<Binary>(),
            row.bound_to.into_sql::<Nullable<Binary>>(),
            row.scope.into_sql::<Text>(),
            row.resources.into_sql::<Text>(),
            row.auth_time.into_sql::<BigInt>(),
            row.created_at.into_sql::<BigInt>(),
            row.code_hash.into_sql::<Binary>(),
            row.code_expires_at.into_sql::<BigInt>(),
            row.redirect_uri.into_sql::<Nullable<Text>>(),
            row.code_challenge.into_sql::<Nullable<Text>>(),
            row.nonce.into_sql::<Nullable<Text>>(),
            row.redeemed_at.into_sql::<Nullable<BigInt>>(),
            row.last_used_at.into_sql::<BigInt>(),
            row.expires_at.into_sql::<BigInt>(),
            row.ends_at.into_sql::<Nullable<BigInt>>(),
            row.revoked_at.into_sql::<Nullable<BigInt>>(),
            row.generation.into_sql::<Integer>(),
            row.predecessor.into_sql::<Integer>(),
            row.rotated_at.into_sql::<BigInt>(),
            row.replays.into_sql::<Integer>(),
            row.claims.into_sql::<Nullable<Text>>(),
            row.last_used_network.into_sql::<Text>(),
            row.scope_ids.into_sql::<Nullable<Text>>(),
            row.asserted_by.into_sql::<Nullable<Text>>(),
            row.evidence.into_sql::<Nullable<Text>>(),
        )
    }};
}
pub(super) use expressions;

/// The columns that an access token of the grant depends on.
#[derive(Queryable, Selectable)]
#[diesel(table_name = grants)]
pub(super) struct TokenGrantRow {
    client_id: String,
    scope: String,
    scope_ids: Option<String>,
    claims: Option<String>,
    bound_to: Option<Id>,
    expires_at: i64,
    ends_at: Option<i64>,
}

impl TokenGrantRow {
    pub(super) const fn bounds(&self) -> Bounds {
        Bounds { expires_at: self.expires_at, ends_at: self.ends_at, is_bound: self.bound_to.is_some() }
    }

    pub(super) fn parse(self, user: User) -> Result<TokenGrant, Fault> {
        Ok(TokenGrant {
            client_id: self.client_id,
            scope: ScopeSet::from_stored(&self.scope),
            scope_ids: ScopeIds::from_stored(self.scope_ids.as_deref()),
            claims: parse_claims(self.claims.as_deref())?,
            user,
        })
    }
}

impl From<&Grant> for GrantRow {
    fn from(grant: &Grant) -> Self {
        let (code, live) = match &grant.state {
            GrantState::CodeIssued(code) => (Some(code), None),
            GrantState::Live(live) => (live.code.as_ref(), Some(live)),
            GrantState::Revoked => (None, None),
        };
        let family = live.and_then(|live| live.family);
        let (generation, predecessor, rotated_at, replays) = family.map_or((0, 0, 0, 0), generations);
        Self {
            id: Id(grant.id),
            user_id: Id(grant.user_id),
            client_id: grant.client_id.clone(),
            session_id: Id(grant.sid),
            bound_to: grant.bound_to.map(Id),
            scope: grant.scope.to_string(),
            resources: grant.resources.join(" "),
            auth_time: grant.auth_time,
            created_at: grant.created_at,
            code_hash: code.map(|code| code.secret_hash.clone()).unwrap_or_default(),
            code_expires_at: code.map_or(grant.created_at, |code| code.expires_at),
            redirect_uri: code.and_then(|code| code.redirect_uri.clone()),
            code_challenge: code.and_then(|code| Some(code.code_challenge.as_ref()?.as_str().to_owned())),
            nonce: code.and_then(|code| code.nonce.clone()),
            redeemed_at: live.map(|live| live.last_used_at),
            last_used_at: live.map_or(grant.created_at, |live| live.last_used_at),
            expires_at: grant.expires_at,
            ends_at: grant.ends_at,
            revoked_at: (grant.state == GrantState::Revoked).then_some(grant.created_at),
            generation,
            predecessor,
            rotated_at,
            replays,
            claims: stored_claims(&grant.claims),
            last_used_network: live.map(|live| live.last_used_network.clone()).unwrap_or_default(),
            scope_ids: Some(grant.scope_ids.to_stored()),
            asserted_by: grant.asserted_by.clone(),
            evidence: Some(grant.evidence.to_string()),
        }
    }
}

pub(super) fn parse_claims(stored: Option<&str>) -> Result<ClaimsRequest, Fault> {
    stored.map_or(Ok(ClaimsRequest::default()), |text| {
        ClaimsRequest::from_stored(text).map_err(|error| Fault::Corrupt(format!("claims of a grant: {error}")))
    })
}

pub(super) fn stored_claims(claims: &ClaimsRequest) -> Option<String> {
    (!claims.is_empty()).then(|| claims.to_stored())
}

/// The columns of a family: generation, predecessor, time of replacement, and replays.
pub(super) fn generations(family: Family) -> (i32, i32, i64, i32) {
    let replaced = family.replaced.unwrap_or(Replaced { generation: 0, at: 0, replays: 0 });
    (family.generation, replaced.generation, replaced.at, replaced.replays)
}

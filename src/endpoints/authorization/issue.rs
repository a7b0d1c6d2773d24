//! Issues the authorization code. It is inserted only if what it depends on is unchanged. Otherwise
//! a unit of work locks that and decides again. Either sees everything that was revoked since the
//! request was read, and a later revocation sees the grant.

use std::sync::Arc;

use writ_core::{
    ScopeSet,
    authorization::{Step, Target, next_step::Issue},
    grants::{CODE_MEMORY, Code, Grant, GrantState},
    groups::GroupIds,
    scopes::ScopeIds,
};

use super::facts::Facts;
use crate::{
    fault::Stop,
    secret::Handle,
    server::Server,
    snapshot::Snapshot,
    store::{
        Tx,
        clients::{Client, Origin},
        grants, registrations,
        requests::{self, Answered},
        sessions::{self, Permissions, Session},
    },
};

/// The result of issuing a code.
pub(super) enum Issued {
    /// The code.
    Code(String),
    /// Another response has used up the request.
    AlreadyAnswered,
    /// Something was revoked since the request was read. This is the next step now.
    Changed(Step),
}

/// Issues a code, if that is still the next step. It was for this session and these permissions.
pub(super) async fn code(
    server: &Server,
    client: &Client,
    target: &Target,
    facts: Facts,
    answered: Answered,
    found: Option<(Session, Permissions)>,
    issue: Issue,
) -> Result<Issued, Stop> {
    let handle = Handle::random();
    let draft = Draft {
        handle: handle.clone(),
        client_id: client.id.clone(),
        redirect_uri: target.was_sent.then(|| target.redirect_uri.clone()),
        expires_at: server.clock.now() + server.settings.tokens.code_lifetime,
        snapshot: Arc::clone(&server.snapshot()),
        facts,
    };
    let registered_itself = client.origin != Origin::Administrator;
    // The usual request: a client that the user has allowed. One statement decides.
    if let Some((session, Permissions { groups, consent: Some(_), revocations })) = found
        && session.expires_at > server.clock.now()
        && answered.is_nothing()
        && !registered_itself
    {
        let grant = draft.grant(issue, &session, &groups)?;
        let counted = server.grant_turns.count_next(session.user_id, &client.id);
        let insert = move |tx: &mut Tx<'_>| {
            let inserted = grants::insert_if_unchanged(tx, &grant, (&groups, revocations))?;
            if inserted && counted {
                grants::delete_excess(tx, session.user_id, &grant.client_id)?;
            }
            Ok(inserted)
        };
        if server.store.decide_by_statement(insert).await? {
            return Ok(Issued::Code(handle.expose()));
        }
    }
    let unit = move |tx: &mut Tx<'_>| {
        let found = match draft.facts.session {
            Some(id) => sessions::lock_with_permissions(tx, id, &draft.client_id)?,
            None => None,
        };
        let session = found.as_ref().map(|(session, _)| session.clone());
        let groups = found.as_ref().map(|(_, permissions)| permissions.groups.clone()).unwrap_or_default();
        let mut draft = draft;
        if let Some(id) = answered.pending
            && let Some(row) = requests::find(tx, id)?
        {
            draft.facts.decided_in(&row);
        }
        let (issue, session) = match (draft.facts.next_step(found), session) {
            (Step::Issue(issue), Some(session)) => (issue, session),
            (step, _) => return Ok(Issued::Changed(step)),
        };
        if !requests::consume(tx, answered)? {
            return Ok(Issued::AlreadyAnswered);
        }
        if registered_itself {
            registrations::touch(tx, &draft.client_id)?;
        }
        grants::insert(tx, &draft.grant(issue, &session, &groups)?)?;
        Ok(Issued::Code(draft.handle.expose()))
    };
    server.store.decide(unit).await
}

/// The contents of the grant, except for what the user decides.
#[derive(Clone)]
struct Draft {
    handle: Handle,
    client_id: String,
    redirect_uri: Option<String>,
    expires_at: i64,
    snapshot: Arc<Snapshot>,
    facts: Facts,
}

impl Draft {
    fn grant(&self, issue: Issue, session: &Session, groups: &GroupIds) -> Result<Grant, Stop> {
        let evidence = session.evidence();
        let disclosed = self.facts.request.acr.disclosed(evidence.acr());
        // What is demanded is disclosed even to a client that requires a weaker class.
        let demanded = self.facts.demands.of(&issue.scope).max(self.facts.sign_in_demands.of(groups));
        let demanded = demanded.unwrap_or(disclosed);
        let evidence = evidence.within(disclosed.max(demanded));
        let request = &self.facts.request;
        let claims = request.claims.within(&issue.scope);
        let scope = issue.scope.without(&request.implied);
        let code = Code {
            secret_hash: self.handle.secret.hash().0.to_vec(),
            expires_at: self.expires_at,
            redirect_uri: self.redirect_uri.clone(),
            code_challenge: request.code_challenge.clone(),
            nonce: request.nonce.clone(),
        };
        Ok(Grant {
            id: self.handle.id,
            user_id: session.user_id.0,
            asserted_by: None,
            client_id: self.client_id.clone(),
            sid: session.sid.0,
            // An unredeemed code ends with the session.
            bound_to: Some(session.sid.0),
            resources: self.resources(&scope)?,
            scope_ids: ScopeIds::of(&scope, &self.facts.disclosed),
            scope,
            claims,
            auth_time: evidence.auth_time().unwrap_or(session.auth_time),
            evidence,
            created_at: self.facts.now,
            ends_at: issue.ends_at,
            expires_at: self.expires_at + CODE_MEMORY,
            state: GrantState::CodeIssued(code),
        })
    }

    /// The resource servers of the grant: the requested ones, else the owner of the granted scopes.
    fn resources(&self, scope: &ScopeSet) -> Result<Vec<String>, Stop> {
        let named: Vec<&str> = self.facts.request.resources.iter().map(String::as_str).collect();
        Ok(self.snapshot.scopes.offer.resources(scope, &named)?)
    }
}

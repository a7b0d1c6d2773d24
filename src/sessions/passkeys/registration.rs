//! The registration of a passkey, and what a user does with registered ones.

use uuid::Uuid;
use webauthn_rs::{
    Webauthn,
    prelude::{Credential, Passkey as Created, PasskeyRegistration, RegisterPublicKeyCredential},
};
use webauthn_rs_proto::{
    AuthenticatorSelectionCriteria, PublicKeyCredentialCreationOptions, PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
};
use writ_core::{
    Error, Params,
    account::Way,
    passkeys::{self as rules, provider},
};

use super::{
    Refusal,
    ceremony::{Asked, Bound},
    parse, unwritten, written,
};
use crate::{
    fault::Fault,
    server::Server,
    sessions::{
        SignedIn,
        factors::{Accepted, lock_proven, ways_in},
        origin::Origin,
    },
    store::{
        Id, Tx, accounts, email_verifications,
        notices::Kind as Change,
        passkeys::{self, Passkey},
        used_challenges,
    },
};

/// Maximum number of passkeys of a user.
const MAX_PER_USER: usize = 20;

/// Asks for a new passkey that needs no username, on an authenticator with none of `known`. `None`
/// if the server has no passkeys.
///
/// # Errors
/// [`Fault::Corrupt`] for a name that cannot be read.
pub fn ask(server: &Server, signed_in: &SignedIn, site: &str, known: &[Passkey]) -> Result<Option<Asked>, Fault> {
    let Some(webauthn) = &server.webauthn else { return Ok(None) };
    let user = &signed_in.user;
    let name = Some(user.display_name()?).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| user.username.clone());
    let (options, state) = start(webauthn, user.id, (&user.username, &name), site, known)?;
    let session_id = signed_in.session.id.to_string();
    Asked::of(server, &Bound::registration(&session_id), &options, &state).map(Some)
}

/// The options for a new passkey of a user, who has two names, and the state of the library.
pub(super) fn start(
    webauthn: &Webauthn,
    user_id: Id,
    (username, display_name): (&str, &str),
    site: &str,
    known: &[Passkey],
) -> Result<(PublicKeyCredentialCreationOptions, PasskeyRegistration), Fault> {
    let started = webauthn.start_passkey_registration(user_id.0, username, display_name, None);
    let (request, state) = started.map_err(unwritten)?;
    let mut options = request.public_key;
    site.clone_into(&mut options.rp.name);
    options.exclude_credentials = Some(known.iter().map(exclude).collect());
    options.authenticator_selection = options.authenticator_selection.take().map(|criteria| {
        let resident_key = Some(ResidentKeyRequirement::Required);
        AuthenticatorSelectionCriteria { resident_key, require_resident_key: true, ..criteria }
    });
    Ok((options, state))
}

fn exclude(passkey: &Passkey) -> PublicKeyCredentialDescriptor {
    let id = passkey.credential_id.clone();
    PublicKeyCredentialDescriptor { type_: "public-key".to_owned(), id, transports: None }
}

/// The response to a registration, as a page posts it.
pub struct Registration {
    pub(super) ceremony: String,
    credential: RegisterPublicKeyCredential,
    /// The model of the authenticator. Without attestation it proves nothing, and it only names the
    /// passkey.
    aaguid: Uuid,
}

impl Registration {
    /// The response in a form.
    ///
    /// # Errors
    /// `invalid_request` if a part is missing or malformed.
    pub fn of_form(params: &Params) -> Result<Self, Error> {
        let aaguid = params.get("aaguid")?.filter(|aaguid| !aaguid.is_empty());
        let aaguid = aaguid.map(Uuid::parse_str).transpose();
        Ok(Self {
            ceremony: params.require("ceremony")?.to_owned(),
            credential: parse(params.require("credential")?)?,
            aaguid: aaguid.map_err(|_| Error::invalid_request("aaguid is not a UUID"))?.unwrap_or_default(),
        })
    }
}

/// The result of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The passkey signs the user in from now on.
    Done,
    /// The challenge is not of this session, has expired, or was answered, or the session has
    /// ended or lacks a proof.
    Stale,
    /// The response is not acceptable. The log has the reason.
    Refused,
    /// The passkey is registered already.
    Known,
    /// The user has too many.
    TooMany,
}

/// Stores a new passkey of the user who is signed in. It has the name of its provider, else `name`.
///
/// # Errors
/// A fault of the store.
pub async fn register(
    server: &Server,
    signed_in: &SignedIn,
    response: Registration,
    name: String,
    origin: Origin,
) -> Result<Registered, Fault> {
    let (user_id, session_id) = (signed_in.user.id, signed_in.session.id);
    let session = session_id.to_string();
    let read = Bound::registration(&session).read::<PasskeyRegistration>(server, &response.ceremony);
    let Some((webauthn, (challenge, state))) = server.webauthn.as_ref().zip(read) else {
        return Ok(Registered::Stale);
    };
    let mut passkey = match created(webauthn, &state, response, user_id, name)? {
        Ok(passkey) => passkey,
        Err(cause) => {
            tracing::warn!(user = %user_id, %cause, "the registration of a passkey was refused");
            return Ok(Registered::Refused);
        }
    };
    let accepted = Accepted::of(server);
    let unit = move |tx: &mut Tx<'_>| {
        let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(Registered::Stale) };
        if !used_challenges::consume(tx, challenge.id, challenge.expires_at)? {
            return Ok(Registered::Stale);
        }
        if passkeys::list_of_user(tx, user_id)?.len() >= MAX_PER_USER {
            return Ok(Registered::TooMany);
        }
        passkey.created_at = tx.now;
        passkeys::insert(tx, &passkey)?;
        // An address that was entered with less must not open the account past the new factor.
        email_verifications::delete_of_user(tx, user_id)?;
        origin.record(tx, &user, Change::PasskeyAdded)?;
        Ok(Registered::Done)
    };
    match server.store.write(unit).await {
        Err(fault) if fault.is_unique_violation() => Ok(Registered::Known),
        done => done,
    }
}

/// Applies the rules to a response. `name` is that of a passkey whose provider is unknown.
pub(super) fn created(
    webauthn: &Webauthn,
    state: &PasskeyRegistration,
    response: Registration,
    user_id: Id,
    name: String,
) -> Result<Result<Passkey, Refusal>, Fault> {
    let created = match judge(webauthn, state, &response.credential) {
        Ok(created) => created,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let credential = written(&created)?;
    let created = Credential::from(created);
    Ok(Ok(Passkey {
        id: Id::now_v7(),
        user_id,
        credential_id: created.cred_id,
        credential,
        aaguid: Id(response.aaguid),
        name: provider::name(response.aaguid).map_or(name, str::to_owned),
        backup_eligible: created.backup_eligible,
        backed_up: created.backup_state,
        suspended: false,
        created_at: 0,
        last_used_at: None,
    }))
}

fn judge(
    webauthn: &Webauthn,
    state: &PasskeyRegistration,
    response: &RegisterPublicKeyCredential,
) -> Result<Created, Refusal> {
    if !rules::is_without_foreign_frame(&response.response.client_data_json) {
        return Err(Refusal::Framed);
    }
    let created = webauthn.finish_passkey_registration(response, state).map_err(Refusal::Library)?;
    if created.cred_id().is_empty() { Err(Refusal::CredentialId) } else { Ok(created) }
}

/// The result of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is removed.
    Done,
    /// It is not one of this user's, any more, or the session has ended or lacks a proof.
    Absent,
    /// It is the user's last way to sign in.
    LastWay,
}

/// Removes a passkey of the user who is signed in, unless no other way to sign in is left. Ends the
/// other sessions that passkeys have opened.
///
/// # Errors
/// A fault of the store.
pub async fn remove(server: &Server, signed_in: &SignedIn, id: Id, origin: Origin) -> Result<Removed, Fault> {
    let (user_id, session_id, accepted) = (signed_in.user.id, signed_in.session.id, Accepted::of(server));
    let unit = move |tx: &mut Tx<'_>| {
        let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(Removed::Absent) };
        if !ways_in(tx, &accepted, &user)?.remain_without(Way::Passkey(id.0)) {
            return Ok(Removed::LastWay);
        }
        if !passkeys::delete(tx, user_id, id)? {
            return Ok(Removed::Absent);
        }
        accounts::end_passkey_sessions(tx, user_id, session_id)?;
        origin.record(tx, &user, Change::PasskeyRemoved)?;
        Ok(Removed::Done)
    };
    server.store.write(unit).await
}

//! What a document asks for, checked as far as that needs no database.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use writ_core::{ClientMetadata, vocabulary::acr::Acr};

use super::document::{Document, Invalid, Reference};
use crate::{
    administration::clients::registration,
    config::Settings,
    secret::{Secret, SecretHash},
    store::owners::Kind,
};

/// The members of objects, by kind and name.
pub(super) type Objects = BTreeMap<(Kind, String), Map<String, Value>>;

/// A checked document whose secrets were read.
#[derive(Debug, Clone)]
pub struct Desired {
    /// The document, in which every default is explicit.
    pub(super) document: Document,
    /// The hashes of the referenced secrets.
    pub(super) secrets: BTreeMap<(Kind, String), SecretHash>,
    /// The metadata of the clients.
    pub(super) clients: BTreeMap<String, ClientMetadata>,
}

impl Desired {
    /// Checks a document. `read` reads a secret.
    ///
    /// # Errors
    /// [`Invalid`] with the place.
    pub fn new(
        mut document: Document,
        settings: &Settings,
        read: impl Fn(&Reference) -> Result<String, Invalid>,
    ) -> Result<Self, Invalid> {
        check_owner(document.owner.as_deref())?;
        let mut secrets = BTreeMap::new();
        for (id, resource) in &document.resources {
            if let Some(reference) = &resource.secret {
                secrets.insert((Kind::Resource, id.clone()), secret(read(reference)?, reference)?);
            }
        }
        for (name, scope) in &mut document.scopes {
            scope.default = Some(scope.default.unwrap_or(scope.risk.is_default()));
            sort(&mut scope.groups);
            if let Some(acr) = &scope.acr
                && acr.parse::<Acr>().is_err()
            {
                return Err(Invalid(format!("scopes.{name}.acr: there is no class {acr}")));
            }
        }
        let mut clients = BTreeMap::new();
        for (id, client) in &mut document.clients {
            let invalid = |reason: registration::Invalid| Invalid(format!("clients.{id}: {reason}"));
            let metadata = registration::parse(client.metadata.clone(), settings).map_err(invalid)?;
            if let Some(reference) = &client.client_secret {
                if !metadata.has_secret() {
                    return Err(Invalid(format!("clients.{id}: it is registered without a secret")));
                }
                secrets.insert((Kind::Client, id.clone()), secret(read(reference)?, reference)?);
            }
            client.metadata = explicit(&metadata)?;
            sort(&mut client.groups);
            clients.insert(id.clone(), metadata);
        }
        Ok(Self { document, secrets, clients })
    }

    /// The metadata of the clients, by `client_id`.
    pub fn clients(&self) -> &BTreeMap<String, ClientMetadata> {
        &self.clients
    }
}

impl Document {
    /// The members of every object, without references to secrets.
    pub(super) fn objects(&self) -> Result<Objects, Invalid> {
        let mut objects = Objects::new();
        collect(&mut objects, Kind::Group, &self.groups)?;
        collect(&mut objects, Kind::Resource, &self.resources)?;
        collect(&mut objects, Kind::Scope, &self.scopes)?;
        collect(&mut objects, Kind::Client, &self.clients)?;
        Ok(objects)
    }
}

fn collect<T: Serialize>(objects: &mut Objects, kind: Kind, entries: &BTreeMap<String, T>) -> Result<(), Invalid> {
    for (name, entry) in entries {
        let mut members = members(entry)?;
        members.remove("secret");
        members.remove("client_secret");
        objects.insert((kind, name.clone()), members);
    }
    Ok(())
}

/// The metadata with its grant types, which a new client would otherwise get by default.
pub(super) fn explicit(metadata: &ClientMetadata) -> Result<Map<String, Value>, Invalid> {
    let mut members = members(metadata)?;
    members.entry("grant_types").or_insert_with(|| json!(metadata.grant_types));
    Ok(members)
}

fn members(entry: &impl Serialize) -> Result<Map<String, Value>, Invalid> {
    match serde_json::to_value(entry) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Invalid("an object cannot be written".to_owned())),
    }
}

fn check_owner(owner: Option<&str>) -> Result<(), Invalid> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if owner.is_none_or(|owner| (1..=64).contains(&owner.len()) && owner.bytes().all(plain)) {
        return Ok(());
    }
    Err(Invalid("owner has 1 to 64 of the characters A-Z a-z 0-9 - _ .".to_owned()))
}

fn secret(text: String, reference: &Reference) -> Result<SecretHash, Invalid> {
    let malformed = || match reference {
        Reference::Env(name) => Invalid(format!("the secret in {name} is not 43 characters of base64url")),
        Reference::File(path) => Invalid(format!("the secret in {} is not 43 characters of base64url", path.display())),
    };
    Ok(Secret::parse(text.trim()).ok_or_else(malformed)?.hash())
}

fn sort(names: &mut Option<Vec<String>>) {
    if let Some(names) = names {
        names.sort();
        names.dedup();
    }
}

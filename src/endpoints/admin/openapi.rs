//! The description of the API in OpenAPI 3.1. The attributes of the operations and types make it,
//! so it cannot differ from the code. What holds for every operation is added here.

use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Bytes};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use writ_core::vocabulary::administration_scope::AdministrationScope;

use super::{
    audit, client_state, clients, connections, groups, initial_access_tokens, keys, once, problem::Problem, resources,
    scopes, users,
};
use crate::{administration::clients::schema::client_metadata, config::Issuer};

#[derive(OpenApi)]
#[openapi(
    paths(
        audit::list,
        clients::list,
        clients::show,
        clients::create,
        clients::update,
        clients::approve,
        clients::rotate_secret,
        clients::delete,
        client_state::disable,
        client_state::enable,
        client_state::disconnect_users,
        connections::list,
        connections::show,
        connections::remove,
        groups::list,
        groups::show,
        groups::create,
        groups::update,
        groups::delete,
        groups::members,
        groups::add,
        groups::remove,
        initial_access_tokens::list,
        initial_access_tokens::show,
        initial_access_tokens::create,
        initial_access_tokens::delete,
        keys::list,
        keys::rotate,
        resources::list,
        resources::show,
        resources::create,
        resources::update,
        resources::rotate_secret,
        resources::delete,
        scopes::list,
        scopes::show,
        scopes::create,
        scopes::update,
        scopes::delete,
        users::list,
        users::show,
        users::create,
        users::disable,
        users::enable,
        users::sign_out,
        users::unlock,
        users::delete,
    ),
    components(schemas(Problem))
)]
struct Operations;

/// The document without what differs between servers.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = serde_json::to_value(Operations::openapi()).unwrap_or_default();
    document["info"] = json!({
        "title": "Writ administration",
        "version": "1",
        "description": "What the `writ` command does, over HTTP. Every change names the version that it changes.",
    });
    document["components"]["schemas"]["ClientMetadata"] = client_metadata();
    for (path, operations) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            complete(path, method, operation);
        }
    }
    document
});

/// The document of the server with this issuer.
pub fn document(issuer: &Issuer) -> Value {
    let mut document = DOCUMENT.clone();
    let scopes: Map<String, Value> =
        AdministrationScope::ALL.iter().map(|scope| (scope.as_str().to_owned(), scope.purpose().into())).collect();
    document["servers"] = json!([{ "url": issuer.as_str() }]);
    document["components"]["securitySchemes"] = json!({
        "administration": {
            "type": "oauth2",
            "flows": { "clientCredentials": { "tokenUrl": issuer.join("/token"), "scopes": scopes } },
        },
    });
    document
}

/// The methods of a path, for `Allow`. What is not in the document can be read only.
pub(super) fn methods(path: &str) -> String {
    let described = DOCUMENT["paths"][path].as_object().into_iter().flat_map(Map::keys);
    let methods: Vec<String> = described.map(|method| method.to_uppercase()).collect();
    if methods.is_empty() { "GET, HEAD".to_owned() } else { methods.join(", ").replace("GET", "GET, HEAD") }
}

/// Describes the API. Needs no token, because it is the same for every caller.
pub async fn show(document: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .content_type("application/json")
        .body(document)
}

/// Adds the parameters in the path, the headers of a change, and the problems of every operation.
fn complete(path: &str, method: &str, operation: &mut Value) {
    let parameter = |name: &str, place: &str, required: bool, description: &str| {
        json!({
            "name": name, "in": place, "required": required, "description": description,
            "schema": { "type": "string" },
        })
    };
    let mut parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let named = path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    parameters.extend(named.map(|name| parameter(name, "path", true, "The id, percent-encoded.")));
    if operation["security"].to_string().contains(":write") {
        parameters.push(parameter("Writ-Reason", "header", false, "The reason, for the audit log."));
    }
    let is_made_once = method == "post";
    if is_made_once {
        let description = "A string that the client chooses for this change, such as a UUID. Sent again with it, the \
                           request gets the same response for a day, and changes nothing again.";
        let mut key = parameter(once::HEADER, "header", false, description);
        key["schema"]["pattern"] = json!("^[A-Za-z0-9._~:/+=-]{1,255}$");
        parameters.push(key);
    }
    let is_conditional = parameters.iter().any(|parameter| parameter["name"] == "If-Match");
    operation["parameters"] = parameters.into();
    let mut problems = vec![("400", "The request is invalid."), ("401", "No valid access token.")];
    problems.push(("403", "The access token does not allow it."));
    if path.contains('{') {
        problems.push(("404", "Nothing has this id."));
    }
    if operation.get("requestBody").is_some() || is_conditional {
        problems.push(("409", "Something has this id already, or is in use."));
    }
    if is_conditional {
        problems.push(("412", "It was changed since this version."));
        problems.push(("428", "If-Match is missing."));
    }
    if is_made_once {
        problems.push(("422", "The Idempotency-Key was used for another request."));
    }
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    for (status, description) in problems {
        operation["responses"][status] = json!({
            "description": description, "content": { "application/problem+json": { "schema": schema } },
        });
    }
}

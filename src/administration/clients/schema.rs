//! The JSON Schema of client metadata.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use writ_core::{ClientMetadata, clients::registration::members};

/// Stands for [`ClientMetadata`] in the description of the API.
#[derive(ToSchema)]
#[schema(as = ClientMetadata)]
pub struct ClientMetadataSchema {}

/// The schema of client metadata: each member with the JSON type that it is parsed from.
pub fn client_metadata() -> Value {
    let probes = [json!(true), json!(1), json!("x"), json!([]), json!({})];
    let types = ["boolean", "integer", "string", "array", "object"];
    let properties: Map<String, Value> = members()
        .filter_map(|member| {
            let accepts = |probe: &&Value| {
                let metadata = json!({ "client_name": "x", member: probe });
                let parsed = serde_json::from_value::<ClientMetadata>(metadata);
                parsed.is_ok() || parsed.is_err_and(|error| !error.to_string().contains("invalid type"))
            };
            let at = probes.iter().position(|probe| accepts(&probe))?;
            Some((member.to_owned(), json!({ "type": types[at] })))
        })
        .collect();
    json!({
        "type": "object",
        "description": "RFC 7591 §2. Human-readable members may have a language tag, such as client_name#ko.",
        "properties": properties,
    })
}

//! The OpenAPI document of the administration API, and a client that knows only the document.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use writ::config::RegistrationMode;
use writ_core::vocabulary::administration_scope::AdministrationScope;

use crate::support::{
    Answer, TestServer, address,
    console::{self, Console, ask_for_token, problem},
    registrar,
};

/// An operation of the document.
struct Operation {
    id: String,
    method: Method,
    path: String,
    scope: String,
    description: Value,
}

async fn document(server: &TestServer) -> Value {
    let url = format!("{}/admin/v1/openapi.json", server.issuer);
    Answer::read(Client::new().get(url).send().await.expect("an answer")).await.ok().json
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, description) in methods.as_object().expect("operations") {
            operations.push(Operation {
                id: description["operationId"].as_str().expect("an id").to_owned(),
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                scope: description["security"][0]["administration"][0].as_str().expect("a scope").to_owned(),
                description: description.clone(),
            });
        }
    }
    operations
}

fn every_scope() -> String {
    AdministrationScope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

async fn start() -> (TestServer, Value) {
    let server = TestServer::start_with(|settings| {
        settings.admin_api.enabled = true;
        settings.registration.mode = RegistrationMode::Open;
    })
    .await;
    let document = document(&server).await;
    (server, document)
}

#[tokio::test]
async fn document_has_every_route_and_every_scope() {
    let (server, document) = start().await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], server.issuer);
    let table = include_str!("../../src/app.rs").split('"').skip(1).step_by(2);
    let routes: BTreeSet<&str> = table.filter(|path| path.starts_with("/admin/v1/")).collect();
    let apart = ["/admin/v1/openapi.json", "/admin/v1/{path:.*}"];
    let described: BTreeSet<&str> = document["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
    assert_eq!(routes.into_iter().filter(|path| !apart.contains(path)).collect::<BTreeSet<_>>(), described);

    let scheme = &document["components"]["securitySchemes"]["administration"]["flows"]["clientCredentials"];
    assert_eq!(scheme["tokenUrl"], format!("{}/token", server.issuer));
    let declared: BTreeSet<&String> = scheme["scopes"].as_object().expect("scopes").keys().collect();
    let operations = operations(&document);
    let used: BTreeSet<&String> = operations.iter().map(|operation| &operation.scope).collect();
    assert_eq!(declared, used);
    let ids: BTreeSet<&String> = operations.iter().map(|operation| &operation.id).collect();
    assert_eq!(ids.len(), operations.len());
    for operation in &operations {
        let is_read = operation.method == Method::GET;
        assert_eq!(operation.scope.ends_with(":read"), is_read, "{}", operation.id);
        let creates = operation.description["responses"].get("201").is_some();
        let is_conditional = operation.description["responses"].get("428").is_some();
        assert_eq!(is_conditional, !is_read && !creates, "{}: every change names its version", operation.id);
    }
}

#[tokio::test]
async fn route_without_a_description_does_not_exist() {
    let (server, document) = start().await;
    let http = Client::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in ["get", "post", "put", "patch", "delete"] {
            let url = format!("{}{path}", server.issuer);
            let answer = http.request(method.to_uppercase().parse().expect("a method"), url).send().await;
            let answer = Answer::read(answer.expect("an answer")).await;
            if methods.get(method).is_some() {
                assert_eq!(answer.status.as_u16(), 401, "{method} {path}");
                continue;
            }
            assert_eq!(problem(&answer, 405), "method_not_allowed", "{method} {path}");
            let allowed: BTreeSet<String> = answer.header("allow").split(", ").map(str::to_lowercase).collect();
            let mut described: BTreeSet<String> = methods.as_object().expect("operations").keys().cloned().collect();
            described.extend(methods.get("get").map(|_| "head".to_owned()));
            assert_eq!(allowed, described, "{path}");
        }
    }
}

#[tokio::test]
async fn path_without_an_operation_is_a_problem() {
    let (server, _) = start().await;
    for path in ["", "/", "/nothing", "/clients/", "/clients/a/b", "/users/x/disable/"] {
        let answer = Client::new().get(format!("{}/admin/v1{path}", server.issuer)).send().await;
        assert_eq!(problem(&Answer::read(answer.expect("an answer")).await, 404), "object_unknown", "{path}");
    }
    let document = format!("{}/admin/v1/openapi.json", server.issuer);
    let answer = Client::new().post(document).send().await.expect("an answer");
    assert_eq!(problem(&Answer::read(answer).await, 405), "method_not_allowed");
    let off = TestServer::start().await;
    for path in ["/admin/v1/openapi.json", "/admin/v1/clients"] {
        let answer = Client::new().get(format!("{}{path}", off.issuer)).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 404, "{path}");
        assert_ne!(answer.headers()["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn operation_needs_the_scope_in_its_description_and_no_other() {
    let (server, document) = start().await;
    let app = console::register(&server, "console", &every_scope(), json!({})).await;
    for operation in operations(&document) {
        let without = every_scope().replace(&operation.scope, "").split_whitespace().collect::<Vec<_>>().join(" ");
        for (scope, is_refused) in [(&operation.scope, false), (&without, true)] {
            let token = ask_for_token(&app, scope).await.ok().text("access_token").to_owned();
            let path = operation.path.trim_start_matches("/admin/v1").replace(['{', '}'], "");
            let console = Console { app: app.clone(), token, issuer: server.issuer.clone() };
            let answer = console.send(operation.method.clone(), &path, &[("if-match", "\"x\"")], None).await;
            assert_eq!(answer.status.as_u16() == 403, is_refused, "{} with {scope}: {answer:?}", operation.id);
        }
    }
}

/// A client that knows nothing but the document.
struct Generic<'a> {
    document: &'a Value,
    operations: BTreeMap<String, Operation>,
    issuer: String,
    token: String,
    called: BTreeSet<String>,
}

impl<'a> Generic<'a> {
    async fn new(server: &TestServer, document: &'a Value) -> Self {
        let app = console::register(server, "console", &every_scope(), json!({})).await;
        let token = ask_for_token(&app, &every_scope()).await.ok().text("access_token").to_owned();
        let operations = operations(document).into_iter().map(|operation| (operation.id.clone(), operation)).collect();
        Self { document, operations, issuer: server.issuer.clone(), token, called: BTreeSet::new() }
    }

    /// Calls an operation. Parameters go where the document says. The response must be described.
    async fn call(&mut self, id: &str, parameters: &[(&str, &str)], body: Option<Value>) -> Answer {
        let operation = self.operations.get(id).unwrap_or_else(|| panic!("there is no operation {id}"));
        self.called.insert(id.to_owned());
        let mut url = format!("{}{}", self.issuer, operation.path);
        let mut query = Vec::new();
        let mut headers = Vec::new();
        let described = operation.description["parameters"].as_array().expect("parameters");
        for (name, value) in parameters {
            let parameter = described.iter().find(|parameter| parameter["name"] == *name);
            let parameter = parameter.unwrap_or_else(|| panic!("{id} has no parameter {name}"));
            match parameter["in"].as_str() {
                Some("path") => {
                    let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                    url = url.replace(&format!("{{{name}}}"), &encoded);
                }
                Some("query") => query.push((*name, *value)),
                Some("header") => headers.push((*name, *value)),
                place => panic!("{place:?}"),
            }
        }
        for required in described.iter().filter(|parameter| parameter["required"] == true) {
            assert!(parameters.iter().any(|(name, _)| required["name"] == *name), "{id} needs {required}");
        }
        let mut request =
            Client::new().request(operation.method.clone(), address(&url, &query)).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        assert_eq!(operation.description.get("requestBody").is_some(), body.is_some(), "{id}");
        if let Some(body) = body {
            let content = operation.description["requestBody"]["content"].as_object().expect("content");
            let (media_type, content) = content.iter().next().expect("a media type");
            self.conform(&content["schema"], &body, id);
            request = request.header("content-type", media_type).body(body.to_string());
        }
        let answer = Answer::read(request.send().await.expect("an answer")).await;
        let response = &operation.description["responses"][answer.status.as_str()];
        assert!(response.is_object(), "{id} does not describe {answer:?}");
        match response.get("content").and_then(Value::as_object) {
            None => assert_eq!(answer.body, "", "{id}"),
            Some(content) => {
                let media_type = answer.header("content-type");
                let content = content.get(media_type).unwrap_or_else(|| panic!("{id} does not describe {media_type}"));
                self.conform(&content["schema"], &answer.json, id);
            }
        }
        answer
    }

    /// Calls an operation on the current version that `show` returns. On another version it is
    /// refused.
    async fn change(&mut self, id: &str, show: &str, parameters: &[(&str, &str)], body: Option<Value>) -> Answer {
        let named: Vec<(&str, &str)> = {
            let described = self.operations[show].path.clone();
            parameters.iter().copied().filter(|(name, _)| described.contains(&format!("{{{name}}}"))).collect()
        };
        let etag = self.call(show, &named, None).await.ok().header("etag").to_owned();
        let on = |version| [parameters, &[("If-Match", version)]].concat();
        let other = self.call(id, &on("\"other\""), body.clone()).await;
        assert_eq!(problem(&other, 412), "precondition_failed", "{id}");
        self.call(id, &on(&etag), body).await
    }

    /// The schema with references resolved and alternatives collected: its types, its members, and
    /// whether it may have others.
    fn members<'b>(&'b self, schema: &'b Value, members: &mut BTreeMap<&'b str, &'b Value>) -> bool {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.trim_start_matches("#/components/schemas/");
            return self.members(&self.document["components"]["schemas"][name], members);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return parts.iter().map(|part| self.members(part, members)).fold(false, |open, part| open | part);
        }
        let Some(properties) = schema["properties"].as_object() else { return true };
        members.extend(properties.iter().map(|(name, schema)| (name.as_str(), schema)));
        false
    }

    fn resolved<'b>(&'b self, schema: &'b Value) -> &'b Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let name = reference.trim_start_matches("#/components/schemas/");
                self.resolved(&self.document["components"]["schemas"][name])
            }
            None => schema,
        }
    }

    /// Checks a value: its type, and that each of its members is described.
    fn conform(&self, schema: &Value, value: &Value, at: &str) {
        let schema = self.resolved(schema);
        assert!(schema.is_object(), "{at} has no schema");
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(types.is_empty() || types.contains(&found), "{at} is {found}, not {types:?}");
        match value {
            Value::Array(items) if schema.get("items").is_some() => {
                items.iter().for_each(|item| self.conform(&schema["items"], item, at));
            }
            Value::Object(object) => {
                if let Some(each) = schema.get("additionalProperties").filter(|each| each.is_object()) {
                    object.iter().for_each(|(name, value)| self.conform(each, value, &format!("{at}/{name}")));
                    return;
                }
                let mut members = BTreeMap::new();
                let is_open = self.members(schema, &mut members);
                for (name, value) in object {
                    let named = members.get(name.split('#').next().unwrap_or_default());
                    match named {
                        Some(schema) => self.conform(schema, value, &format!("{at}/{name}")),
                        None => assert!(is_open, "{at} does not describe {name}"),
                    }
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn generic_client_does_everything_with_the_document_alone() {
    let (server, document) = start().await;
    let mut client = Generic::new(&server, &document).await;

    let bank = json!({ "id": "bank", "audience": "https://bank.example", "names": { "en": "Bank" }, "secret": true });
    client.call("resource.create", &[], Some(bank)).await;
    client.call("resource.list", &[], None).await.ok();
    let id = [("id", "bank")];
    client.change("resource.update", "resource.show", &id, Some(json!({ "names": { "ko": "은행" } }))).await.ok();
    client.change("resource.rotate-secret", "resource.show", &id, None).await.ok();
    let texts = json!({ "en": { "sentence": "Pay", "consequence": "Money leaves your account" } });
    let pay = json!({ "name": "payment:make", "resource": "bank", "texts": texts, "risk": "high" });
    client.call("scope.create", &[], Some(pay)).await;
    client.call("scope.list", &[], None).await.ok();
    let name = [("name", "payment:make")];
    client.change("scope.update", "scope.show", &name, Some(json!({ "risk": "elevated" }))).await.ok();

    let app = json!({
        "client_id": "app", "client_name": "App", "client_name#ko": "앱", "redirect_uris": ["https://app.example/cb"],
        "scope": "openid payment:make", "contacts": ["ops@app.example"],
    });
    client.call("client.create", &[], Some(app)).await;
    client.call("client.list", &[("limit", "1"), ("after", "a")], None).await.ok();
    let id = [("client_id", "app"), ("Writ-Reason", "a new name")];
    client.change("client.update", "client.show", &id, Some(json!({ "client_name": "Renamed" }))).await.ok();
    client.change("client.rotate-secret", "client.show", &id, None).await.ok();
    let (registered, _) = registrar::register(&server, json!({})).await;
    client.change("client.approve", "client.show", &[("client_id", &registered.id)], None).await.ok();
    let id = [("client_id", "app")];
    for operation in ["client.disable", "client.enable", "client.disconnect-users"] {
        client.change(operation, "client.show", &id, None).await.ok();
    }
    let forced = [("client_id", "app"), ("force", "true")];
    assert_eq!(client.change("client.delete", "client.show", &forced, None).await.status.as_u16(), 204);

    let key = [("Idempotency-Key", "the-group-staff")];
    let staff = client.call("group.create", &key, Some(json!({ "name": "staff" }))).await.text("id").to_owned();
    assert_eq!(client.call("group.create", &key, Some(json!({ "name": "staff" }))).await.text("id"), staff);
    client.call("group.list", &[], None).await.ok();
    let id = [("id", &*staff)];
    client.change("group.update", "group.show", &id, Some(json!({ "name": "people" }))).await.ok();
    let members = json!({ "users": [server.user_id("alice").await] });
    client.change("group.add", "group.show", &id, Some(members.clone())).await.ok();
    client.call("group.members", &id, None).await.ok();
    client.change("group.remove", "group.show", &id, Some(members)).await.ok();
    assert_eq!(client.change("group.delete", "group.show", &id, None).await.status.as_u16(), 204);

    client.call("scope.show", &name, None).await.ok();
    client.change("scope.delete", "scope.show", &name, None).await.ok();
    client.change("resource.delete", "resource.show", &[("id", "bank")], None).await.ok();

    let ada = json!({ "username": "ada", "claims": { "name": "Ada" }, "email": "ada@example.com" });
    let ada = client.call("user.create", &[], Some(ada)).await.text("sub").to_owned();
    client.call("user.list", &[("login", "ada")], None).await.ok();
    for operation in ["user.disable", "user.enable", "user.sign-out", "user.unlock"] {
        client.change(operation, "user.show", &[("sub", &ada)], None).await.ok();
    }
    assert_eq!(client.change("user.delete", "user.show", &[("sub", &ada)], None).await.status.as_u16(), 204);

    server.shop().await.tokens("openid profile:read").await;
    let alice = server.user_id("alice").await.to_string();
    client.call("connection.list", &[("sub", &alice)], None).await.ok();
    let connection = [("sub", &*alice), ("client_id", "shop")];
    let removed = client.change("connection.remove", "connection.show", &connection, None).await;
    assert_eq!(removed.status.as_u16(), 204);

    let token = client.call("initial-access-token.create", &[], Some(json!({ "uses": 2, "days": 1 }))).await;
    let token = token.text("id").to_owned();
    client.call("initial-access-token.list", &[], None).await.ok();
    let id = [("id", &*token)];
    let deleted = client.change("initial-access-token.delete", "initial-access-token.show", &id, None).await;
    assert_eq!(deleted.status.as_u16(), 204);

    let early = client.change("key.rotate", "key.list", &[], Some(json!({ "alg": "ES256" }))).await;
    assert_eq!(problem(&early, 409), "key_too_recent");
    client.call("audit.tail", &[("after", "1"), ("limit", "200")], None).await.ok();

    // Problems are described as well.
    assert_eq!(problem(&client.call("client.show", &[("client_id", "app")], None).await, 404), "object_unknown");
    assert_eq!(problem(&client.call("audit.tail", &[("limit", "0")], None).await, 400), "query_invalid");

    let every: BTreeSet<String> = client.operations.keys().cloned().collect();
    assert_eq!(client.called, every);
}

//! The corpus that all Writ verifiers run: `sdk/corpus/corpus.json`.
#![allow(missing_docs)]

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use serde_json::{Map, Value, json};
use writ_verifier::{Request, Response, Token, Transport, TransportError, Verifier, VerifyError, bearer};

/// The time and the network of one situation.
#[derive(Clone, Default)]
struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    now: u64,
    network: Map<String, Value>,
    requests: HashMap<String, u64>,
}

impl World {
    fn enter(&self, now: u64, network: Option<&Value>) {
        let mut state = self.0.lock().expect("no panic elsewhere");
        state.now = now;
        if let Some(network) = network {
            state.network = network.as_object().expect("a network").clone();
        }
    }

    /// The number of requests for URLs with this end.
    fn requests(&self, end: &str) -> u64 {
        let state = self.0.lock().expect("no panic elsewhere");
        state.requests.iter().filter(|(url, _)| url.ends_with(end)).map(|(_, count)| count).sum()
    }

    fn respond(&self, url: &str) -> Result<Response, TransportError> {
        let mut state = self.0.lock().expect("no panic elsewhere");
        *state.requests.entry(url.to_owned()).or_default() += 1;
        let sent = state.network.get(url).ok_or_else(|| TransportError("unreachable".to_owned()))?;
        let body = match &sent["body"] {
            Value::String(text) => text.clone(),
            document => document.to_string(),
        };
        let mut response = http::Response::builder()
            .status(sent["status"].as_u64().expect("a status") as u16)
            .body(body.into_bytes())
            .expect("a response");
        for (name, value) in sent["headers"].as_object().expect("headers") {
            let name = http::HeaderName::try_from(name).expect("a header name");
            let value = value.as_str().expect("text").parse().expect("a header value");
            response.headers_mut().insert(name, value);
        }
        Ok(response)
    }
}

impl Transport for World {
    fn send(&self, request: Request) -> Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send>> {
        let world = self.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            world.respond(request.url().as_str())
        })
    }
}

fn outcome(result: Result<Token, VerifyError>) -> Value {
    match result {
        Ok(token) => json!({ "accept": {
            "subject": token.subject(),
            "client_id": token.client_id(),
            "scopes": token.scopes().collect::<Vec<_>>(),
            "actors": token.actor().map(|actor| actor.subject()).collect::<Vec<_>>(),
            "expires_at": token.expires_at(),
        } }),
        Err(refusal) => json!({ "refuse": {
            "reason": refusal.reason().code(),
            "status": refusal.status(),
            "challenge": refusal.challenge(),
        } }),
    }
}

async fn verify(verifier: &Verifier, step: &Value) -> Result<Token, VerifyError> {
    let token = match step["authorization"].as_array() {
        Some(values) => {
            let values = values.iter().map(|value| value.as_str().expect("text").as_bytes());
            bearer(values).map_err(|reason| verifier.refuse(reason))?
        }
        None => step["token"].as_str().expect("a token"),
    };
    let token = verifier.verify(token).await?;
    if let Some(scope) = step["require"].as_str() {
        token.require(scope)?;
    }
    Ok(token)
}

/// Runs one situation and lists the outcomes that differ from the expected ones.
async fn run(corpus: &Value, situation: &Value) -> Vec<String> {
    let world = World::default();
    let clock = world.clone();
    let issuer = situation["issuer"].as_str().expect("an issuer");
    let audience = corpus["audience"].as_str().expect("an audience");
    let mut builder = Verifier::builder(issuer, audience)
        .transport(world.clone())
        .clock(move || UNIX_EPOCH + Duration::from_secs(clock.0.lock().expect("no panic elsewhere").now));
    if situation["accept_typ_jwt"] == json!(true) {
        builder = builder.accept_typ_jwt();
    }
    if let Some(seconds) = situation["max_lifetime"].as_u64() {
        builder = builder.max_lifetime(Duration::from_secs(seconds));
    }
    let mut verifier = builder.build().expect("a valid issuer and audience");
    if situation["introspecting"] == json!(true) {
        verifier = verifier.introspecting("talk", "secret");
    }
    let network = |holder: &Value| holder["network"].as_u64().map(|number| &corpus["networks"][number as usize]);
    world.enter(0, network(situation));

    let mut failures = Vec::new();
    for (number, step) in situation["steps"].as_array().expect("steps").iter().enumerate() {
        world.enter(step["at"].as_u64().expect("a time"), network(step));
        let together = (0..step["times"].as_u64().unwrap_or(1)).map(|_| {
            let (verifier, step) = (verifier.clone(), step.clone());
            tokio::spawn(async move { outcome(verify(&verifier, &step).await) })
        });
        for outcome in together.collect::<Vec<_>>() {
            let outcome = outcome.await.expect("no panic");
            for member in ["accept", "refuse"] {
                if outcome[member] != step[member] {
                    failures.push(format!("step {number}: {outcome}, not {}", step[member]));
                }
            }
        }
        // Let background refreshes finish.
        for _ in 0..32 {
            tokio::task::yield_now().await;
        }
        for (end, expected) in step["requests"].as_object().into_iter().flatten() {
            let requests = world.requests(&format!("/{}", end.replace("introspection", "introspect")));
            if json!(requests) != *expected {
                failures.push(format!("step {number}: {requests} requests of {end}, not {expected}"));
            }
        }
    }
    failures
}

#[tokio::test]
async fn every_situation_has_the_expected_outcome() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/corpus.json");
    let corpus = std::fs::read_to_string(path).expect("the corpus");
    let corpus = serde_json::from_str::<Value>(&corpus).expect("JSON");
    let situations = corpus["situations"].as_array().expect("situations");
    assert!(situations.len() >= 150, "only {} situations", situations.len());
    let mut failures = Vec::new();
    for situation in situations {
        for failure in run(&corpus, situation).await {
            failures.push(format!("{}: {failure}", situation["name"]));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

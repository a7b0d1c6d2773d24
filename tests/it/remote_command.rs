//! `writ --server`: the command line at a server elsewhere.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    Browser, TestServer,
    administrator::{self, entries},
    device, seed,
};

/// What the command line may do.
const SCOPE: &str = "writ:clients:read writ:clients:write writ:users:read writ:users:write writ:groups:read \
                     writ:groups:write writ:resources:read writ:resources:write writ:audit:read \
                     writ:initial-access-tokens:read writ:initial-access-tokens:write writ:keys:read";

/// A server, an administrator, and a folder for the session of the command line.
struct Desk {
    server: TestServer,
    browser: Browser,
    state: tempfile::TempDir,
}

/// The result of a command.
struct Answer {
    success: bool,
    stdout: String,
    stderr: String,
}

impl Desk {
    async fn new() -> Self {
        let server = TestServer::start_with(|settings| {
            settings.admin_api.enabled = true;
            settings.console.enabled = true;
        })
        .await;
        administrator::promote(&server, "alice").await;
        let metadata = json!({
            "client_name": "Command line",
            "redirect_uris": [],
            "token_endpoint_auth_method": "none",
            "grant_types": [device::GRANT_TYPE, "refresh_token"],
            "scope": SCOPE,
            "required_scope": "",
        });
        seed::client(&server.server.store, "writ-cli", metadata).await;
        server.server.refresh().await.expect("remembered");
        let (browser, _) = administrator::sign_in(&server, "alice").await;
        Self { server, browser, state: tempfile::tempdir().expect("a folder") }
    }

    /// A desk at which alice has signed in and allowed `scope`.
    async fn signed_in(scope: &str) -> Self {
        let desk = Self::new().await;
        let answer = desk.sign_in(scope).await;
        assert!(answer.success && answer.stdout.contains("Signed in at "), "{} {}", answer.stdout, answer.stderr);
        desk
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_writ"));
        command
            .args(arguments)
            .args(["--server", &self.server.issuer])
            .env("XDG_STATE_HOME", self.state.path())
            .current_dir(self.state.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    async fn sign_in(&self, scope: &str) -> Answer {
        let mut child = self.command(&["login", "--scope", scope]).spawn().expect("writ starts");
        let stderr = child.stderr.take().expect("standard error");
        let (code, rest) = tokio::task::spawn_blocking(move || {
            let mut reader = BufReader::new(stderr);
            let mut line = String::new();
            let code = loop {
                line.clear();
                assert!(reader.read_line(&mut line).expect("text") > 0, "no code");
                if let Some((_, code)) = line.split_once("compare the code: ") {
                    break code.trim().to_owned();
                }
            };
            (code, reader)
        })
        .await
        .expect("no panic");
        let page = self.browser.open("/device").await;
        let typed = [("csrf", &*page.hidden("csrf")), ("user_code", &*code)];
        let question = self.browser.post("/device", &typed).await;
        let scopes: Vec<&str> = scope.split(' ').collect();
        device::allow(&self.browser, &question, &scopes).await;
        // The next poll is not too early for a clock that stands still.
        self.server.clock.advance(10);
        finish(child, Some(rest)).await
    }

    async fn writ(&self, arguments: &[&str]) -> Answer {
        finish(self.command(arguments).spawn().expect("writ starts"), None).await
    }

    /// Runs a command that succeeds.
    async fn ok(&self, arguments: &[&str]) -> String {
        let answer = self.writ(arguments).await;
        assert!(answer.success, "{arguments:?}: {}", answer.stderr);
        answer.stdout
    }

    /// Runs a command that prints JSON.
    async fn json(&self, arguments: &[&str]) -> Value {
        let answer = self.ok(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {answer}"))
    }

    /// Runs a command that fails, and returns its error.
    async fn refused(&self, arguments: &[&str]) -> String {
        let answer = self.writ(arguments).await;
        assert!(!answer.success, "{arguments:?}: {}", answer.stdout);
        answer.stderr
    }
}

async fn finish(child: Child, stderr: Option<BufReader<std::process::ChildStderr>>) -> Answer {
    tokio::task::spawn_blocking(move || {
        let output = child.wait_with_output().expect("writ ends");
        let mut errors = String::from_utf8(output.stderr).expect("text");
        if let Some(mut stderr) = stderr {
            stderr.read_to_string(&mut errors).expect("text");
        }
        let stdout = String::from_utf8(output.stdout).expect("text");
        Answer { success: output.status.success(), stdout, stderr: errors }
    })
    .await
    .expect("no panic")
}

#[tokio::test]
async fn objects_are_made_shown_changed_and_deleted_at_a_server() {
    let desk = Desk::signed_in(SCOPE).await;
    let uri = ["--redirect-uri", "https://app.example/cb"];
    let created = [&["client", "create", "--id", "app", "--name", "App", "--reason", "ticket 7"][..], &uri].concat();
    assert!(desk.ok(&created).await.contains("client_secret "));
    let entry = entries(&desk.server).await.into_iter().find(|entry| entry.target == "app").expect("an entry");
    assert_eq!((&*entry.face, &*entry.reason), ("api", "ticket 7"));
    assert!(desk.ok(&["client", "list"]).await.contains("app"));
    assert!(desk.ok(&["client", "update", "app", "--name", "Renamed"]).await.contains("Renamed"));
    assert_eq!(desk.ok(&["client", "disable", "app"]).await, "Disabled client app.\n");
    assert!(desk.ok(&["client", "show", "app"]).await.contains("disabled_at"));
    desk.ok(&["client", "enable", "app"]).await;
    assert!(desk.ok(&["client", "disconnect-users", "app"]).await.contains("Disconnected 0 users"));
    desk.ok(&["client", "rotate-secret", "app"]).await;
    assert_eq!(desk.ok(&["client", "delete", "app"]).await, "Deleted client app.\n");
    assert!(desk.refused(&["client", "show", "app"]).await.contains("there is no client with this client_id"));

    let ada = desk.json(&["user", "create", "ada", "--email", "ada@example.com", "--name", "Ada"]).await;
    assert!(ada["password"].is_string() && ada["name"] == "Ada", "{ada}");
    desk.ok(&["group", "create", "staff"]).await;
    assert_eq!(desk.ok(&["group", "add", "staff", "ada"]).await, "Put 1 users into staff.\n");
    desk.ok(&["group", "create", "night", "--in", "staff"]).await;
    let staff = desk.json(&["group", "show", "staff"]).await;
    assert_eq!((&staff["members"], &staff["groups"]), (&json!(["ada"]), &json!(["night"])), "{staff}");
    assert_eq!(desk.json(&["group", "update", "night", "--top"]).await["in"], Value::Null);
    desk.ok(&["group", "remove", "staff", "ada"]).await;
    desk.ok(&["group", "delete", "staff"]).await;
    desk.ok(&["user", "disable", "ada"]).await;
    assert!(desk.json(&["user", "show", "ada"]).await["disabled_at"].is_number());
    for command in ["enable", "sign-out", "unlock"] {
        desk.ok(&["user", command, "ada"]).await;
    }
    assert_eq!(desk.json(&["connection", "list", "ada"]).await, json!([]));
    desk.ok(&["user", "delete", "ada"]).await;

    let api = ["resource", "create", "wiki", "--audience", "https://wiki.example", "--name", "en=Wiki"];
    desk.ok(&[&api[..], &["--token-lifetime", "60"]].concat()).await;
    let words = ["--sentence", "en=Read pages", "--consequence", "en=It sees what you wrote"];
    desk.ok(&[&["scope", "create", "wiki:read", "--resource", "wiki"][..], &words].concat()).await;
    let changed = desk.json(&["scope", "update", "wiki:read", "--risk", "high", "--sentence", "en=Read all"]).await;
    let text = &changed["texts"]["en"];
    assert_eq!((&text["sentence"], &text["consequence"]), (&json!("Read all"), &json!("It sees what you wrote")));
    let wiki = desk.json(&["resource", "update", "wiki", "--name", "ko=위키", "--default-tokens"]).await;
    assert_eq!((&wiki["names"]["en"], wiki.get("token_lifetime")), (&json!("Wiki"), None), "{wiki}");
    desk.ok(&["scope", "delete", "wiki:read"]).await;
    desk.ok(&["resource", "delete", "wiki"]).await;

    let token = desk.json(&["initial-access-token", "create", "--uses", "2"]).await;
    desk.ok(&["initial-access-token", "delete", token["id"].as_str().expect("an id")]).await;
    assert!(desk.ok(&["key", "list"]).await.contains("active"));
    let tail = desk.json(&["audit", "tail", "--limit", "2"]).await;
    let last = entries(&desk.server).await.into_iter().map(|entry| json!(entry.sequence)).collect::<Vec<_>>();
    let shown = tail.as_array().expect("entries").iter().map(|entry| entry["sequence"].clone()).collect::<Vec<_>>();
    assert_eq!(shown, last[last.len() - 2..]);
}

#[tokio::test]
async fn what_is_in_use_is_asked_about_and_insisted_on() {
    let desk = Desk::signed_in(SCOPE).await;
    // Alice has allowed the command line something.
    let refused = desk.refused(&["client", "delete", "writ-cli"]).await;
    assert!(refused.contains("the client has 1 live grant") && refused.contains("--yes"), "{refused}");
    let administers = desk.refused(&["client", "delete", "writ-cli", "--yes"]).await;
    assert!(administers.contains("scope_administrative"), "{administers}");
}

#[tokio::test]
async fn change_that_crosses_another_is_refused_with_its_cause() {
    let desk = Desk::signed_in(SCOPE).await;
    desk.ok(&["client", "create", "--id", "app", "--name", "App", "--redirect-uri", "https://app.example/cb"]).await;
    let mut refusals = Vec::new();
    for round in 0..20 {
        let names: Vec<String> = (0..6).map(|number| format!("App {round} {number}")).collect();
        let update = |name| desk.command(&["client", "update", "app", "--name", name]).spawn().expect("writ starts");
        let children: Vec<Child> = names.iter().map(|name| update(name)).collect();
        let answers = join_all(children.into_iter().map(|child| finish(child, None))).await;
        let kept = desk.json(&["client", "show", "app"]).await["client_name"].clone();
        let accepted = names.iter().zip(&answers).any(|(name, answer)| answer.success && kept == **name);
        assert!(accepted, "the name is that of an accepted change: {kept}");
        refusals.extend(answers.into_iter().filter(|answer| !answer.success).map(|answer| answer.stderr));
        if !refusals.is_empty() {
            break;
        }
    }
    assert!(!refusals.is_empty(), "no change crossed another");
    for refusal in refusals {
        assert!(refusal.contains("precondition_failed"), "{refusal}");
    }
}

#[tokio::test]
async fn refusal_of_the_server_is_printed_with_its_cause() {
    let desk = Desk::signed_in("writ:clients:read").await;
    desk.ok(&["client", "list"]).await;
    let create = ["client", "create", "--name", "App", "--redirect-uri", "https://app.example/cb"];
    let refused = desk.refused(&create).await;
    assert!(refused.contains("lacks the scope writ:clients:write (insufficient_scope: http"), "{refused}");
    for (arguments, part) in [
        (&["serve"][..], "`writ serve` concerns this machine"),
        (&["backup", "list"], "`writ backup` concerns this machine"),
        (&["migrate"], "the administration API does not have this"),
        (&["user", "set-password", "alice"], "the administration API does not have this"),
        (&["client", "update", "writ-cli", "--acr", "mfa"], "--acr need the database"),
        (&["user", "show", "nobody"], "insufficient_scope"),
    ] {
        let refused = desk.refused(arguments).await;
        assert!(refused.contains(part), "{arguments:?}: {refused}");
    }
}

#[tokio::test]
async fn session_is_kept_for_its_owner_refreshed_and_ended() {
    let desk = Desk::new().await;
    let missing = desk.refused(&["client", "list"]).await;
    assert!(missing.contains("sign in first: writ login --server http"), "{missing}");
    assert!(desk.sign_in("writ:clients:read").await.success);
    let folder = desk.state.path().join("writ/sessions");
    let file = std::fs::read_dir(&folder).expect("a folder").next().expect("a file").expect("a file").path();
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).expect("a file").permissions());
    assert_eq!(mode & 0o777, 0o600);

    // The server finds the access token expired, the command line replaces it.
    let before = std::fs::read_to_string(&file).expect("a session");
    desk.server.clock.advance(600);
    desk.ok(&["client", "list"]).await;
    let session: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("a session")).expect("JSON");
    assert!(!before.contains(session["access_token"].as_str().expect("a token")));

    desk.ok(&["logout"]).await;
    assert!(!file.exists());
    std::fs::write(&file, session.to_string()).expect("written");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("changed");
    assert!(desk.refused(&["client", "list"]).await.contains("others can read it"));
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("changed");
    let ended = desk.refused(&["client", "list"]).await;
    assert!(ended.contains("has ended: writ login --server") && !ended.contains("eyJ"), "{ended}");
}

#[tokio::test]
async fn administrator_who_is_one_no_more_does_nothing() {
    let desk = Desk::signed_in("writ:clients:read writ:clients:write").await;
    desk.ok(&["client", "list"]).await;
    administrator::demote(&desk.server, "alice").await;
    desk.server.server.refresh().await.expect("remembered");
    let refused = desk.refused(&["client", "list"]).await;
    assert!(refused.contains("has ended"), "{refused}");
}

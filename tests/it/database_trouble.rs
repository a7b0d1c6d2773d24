//! The database is unavailable, silent, read-only, locked or changed: the response is 503 with
//! `temporarily_unavailable`, and the node recovers by itself.

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use futures_util::future::join_all;
use writ::{
    clock::Clock,
    config::{DatabaseSettings, DatabaseUrl, Settings},
    fault::Fault,
    server::Server,
    store::Store,
};

use crate::support::{
    Answer, App, TestServer,
    database::{TestDatabase, postgres},
    eventually,
    proxy::Proxy,
    seed,
    server::open,
};

const SCOPE: &str = "openid profile:read message:read";

fn changed_url(settings: &mut Settings, change: impl FnOnce(&str) -> String) {
    if let DatabaseUrl::Postgres(url) = &settings.database.url {
        settings.database.url = change(url.as_str()).parse().expect("a URL");
    }
}

/// The response is that of RFC 6749 §5.2 and RFC 9110 §15.6.4 for a temporary failure.
fn assert_temporarily_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.text("error"), "temporarily_unavailable");
    assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
}

async fn code(app: &App) -> String {
    app.authorize(SCOPE).await.parameter("code").expect("a code")
}

#[tokio::test]
async fn connections_are_replaced_when_network_goes_silent() {
    let Some(server) = postgres() else { return };
    let proxy = Proxy::before(server).await;
    let node = TestServer::start_with(|settings| changed_url(settings, |url| proxy.url(url, server))).await;
    let app = node.shop().await;
    let codes = [code(&app).await, code(&app).await];
    for code in codes {
        proxy.silence();
        // An idle connection is checked; an active one is closed, and the unit of work retried.
        assert_eq!(app.exchange_code(&code).await.status, 200);
    }
}

#[tokio::test]
async fn response_is_503_while_database_is_away_and_code_stays_good() {
    let Some(server) = postgres() else { return };
    let proxy = Proxy::before(server).await;
    let node = TestServer::start_with(|settings| changed_url(settings, |url| proxy.url(url, server))).await;
    let app = node.shop().await;
    let code = code(&app).await;
    proxy.close();
    assert_temporarily_unavailable(&app.exchange_code(&code).await);
    assert_eq!(node.browser().get("/readyz").await.status, 503);
    let page = node.browser().get(&app.authorize_url(SCOPE, &[])).await;
    // A signed-out browser's request is part of the URL and needs no database.
    assert!(page.next().is_some_and(|next| next.starts_with("/login?request=s.")), "{page:?}");
    proxy.open();
    assert_eq!(app.exchange_code(&code).await.status, 200);
    eventually("the node is ready", async || node.browser().get("/readyz").await.status == 200).await;
}

#[tokio::test]
async fn node_writes_again_when_read_only_server_becomes_primary() {
    if postgres().is_none() {
        return;
    }
    let role = format!("role_{}", uuid::Uuid::new_v4().simple());
    let admin = TestDatabase::create().await;
    admin.execute(&format!("CREATE ROLE {role} LOGIN SUPERUSER")).await;
    let node = TestServer::start_with(|settings| {
        changed_url(settings, |url| url.replace("://writ@", &format!("://{role}@")));
    })
    .await;
    let app = node.shop().await;
    let code = code(&app).await;
    let failed_over = format!(
        "ALTER ROLE {role} SET default_transaction_read_only = on; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
    );
    admin.execute(&failed_over).await;
    assert_temporarily_unavailable(&app.exchange_code(&code).await);
    eventually("the node is not ready", async || node.browser().get("/readyz").await.status == 503).await;
    admin.execute(&format!("ALTER ROLE {role} RESET default_transaction_read_only")).await;
    // The code was not used up, and the connections to the read-only server are closed.
    assert_eq!(app.exchange_code(&code).await.status, 200);
    eventually("the node is ready", async || node.browser().get("/readyz").await.status == 200).await;
}

#[tokio::test]
async fn sign_ins_go_on_when_column_type_changes_under_running_node() {
    if postgres().is_none() {
        return;
    }
    let node = TestServer::start().await;
    let app = node.shop().await;
    code(&app).await;
    node.database.execute("ALTER TABLE users ALTER COLUMN email TYPE varchar(400)").await;
    for _ in 0..4 {
        code(&app).await;
    }
}

#[tokio::test]
async fn concurrent_requests_succeed_when_default_isolation_is_serializable() {
    if postgres().is_none() {
        return;
    }
    let node = TestServer::start_with(|settings| {
        changed_url(settings, |url| format!("{url}?options=-cdefault_transaction_isolation%3Dserializable"));
    })
    .await;
    let app = node.shop().await;
    let codes = join_all((0..8).map(|_| code(&app))).await;
    let answers = join_all(codes.iter().map(|code| app.exchange_code(code))).await;
    for answer in answers {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn response_is_503_while_sqlite_is_locked_and_code_stays_good() {
    let node = TestServer::start().await;
    let DatabaseUrl::Sqlite(path) = node.database.url.clone() else { return };
    let app = node.shop().await;
    let code = code(&app).await;
    let mut other = SqliteConnection::establish(path.to_str().expect("UTF-8")).expect("a connection");
    other.batch_execute("BEGIN IMMEDIATE").expect("locked");
    assert_temporarily_unavailable(&app.exchange_code(&code).await);
    assert_eq!(node.browser().get("/readyz").await.status, 503);
    other.batch_execute("ROLLBACK").expect("unlocked");
    assert_eq!(app.exchange_code(&code).await.status, 200);
}

#[tokio::test]
async fn start_is_refused_when_newer_version_has_migrated() {
    let database = TestDatabase::create().await;
    drop(open(&database).await);
    database.execute("INSERT INTO migrations (name, version, applied_at) VALUES ('9999_future', '9.8.7', 0)").await;
    let mut settings = Settings::default();
    settings.database.url = database.url.clone();
    let refused = Server::start(settings, seed::master_key(), Clock::stopped()).await.err().expect("refused");
    assert!(refused.to_string().contains("needs writ 9.8.7"), "{refused}");
}

#[tokio::test]
async fn start_is_refused_when_database_is_not_utf8() {
    let Some(server) = postgres() else { return };
    let database = TestDatabase::create().await;
    let name = format!("latin_{}", uuid::Uuid::new_v4().simple());
    database.execute(&format!("CREATE DATABASE {name} ENCODING LATIN1 TEMPLATE template0 LOCALE 'C'")).await;
    let url = format!("postgres://writ@{server}/{name}").parse().expect("a URL");
    let settings = DatabaseSettings { url, pool_size: 1, startup_timeout: 0 };
    let refused = tokio::task::spawn_blocking(move || Store::open(&settings, Clock::default()).err()).await;
    database.execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
    let refused = refused.expect("no panic").expect("refused");
    assert!(matches!(&refused, Fault::Startup(reason) if reason.contains("LATIN1")), "{refused}");
}

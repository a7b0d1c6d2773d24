//! Mixed load for a long time: memory must be where it was after a minute.

use std::{path::Path, time::Duration};

use anyhow::ensure;

use crate::{
    child::Server,
    load::{Span, measure},
    operation::Operation,
    plan::{Databases, TemporaryDirectory},
    site::{Registered, Site},
};

const MINUTE: Duration = Duration::from_secs(60);
/// Growth that is not a leak: the allocator's, and that of the database's caches.
const GROWTH: f64 = 1.2;

/// Serves mixed load for `minutes`, of which the first warms up.
///
/// # Errors
/// An error for any unexpected response, or if memory has grown.
pub(crate) async fn run(writ: &Path, minutes: u32, postgres: Option<&str>) -> anyhow::Result<()> {
    let empty = postgres.map_or(Databases::Sqlite, Databases::Postgres);
    let directory = TemporaryDirectory::new("soak")?;
    let site = Site::new(writ, &directory.0, &empty.fresh("soak").await?)?;
    let server = site.start().await?;
    let registered = site.register(&server).await?;
    let load = async |measured| {
        let span = Span { warm_up: Duration::ZERO, measured };
        measure(span, &server, mixed(&server, &registered).await?).await
    };
    load(MINUTE).await?;
    let early = server.rss()?;
    // Each minute has new tokens, because access tokens expire.
    let mut per_second = 0.0;
    for _ in 1..minutes.max(2) {
        per_second = load(MINUTE).await?.per_second;
    }
    let late = server.rss()?;
    println!(
        "{per_second:.0} operations a second in the last minute; memory {early:.0} MB after a minute, {late:.0} MB \
         after {minutes} minutes"
    );
    ensure!(late <= GROWTH * early, "memory has grown from {early:.0} to {late:.0} MB");
    server.stop().await
}

/// One operation for each of sixteen connections.
async fn mixed(server: &Server, registered: &Registered) -> anyhow::Result<Vec<Operation>> {
    let mut operations = vec![registered.code_flow(); 4];
    operations.extend(registered.refresh(server, 4).await?);
    operations.extend(registered.client_credentials().map(|(_, operation)| operation));
    operations.extend([
        registered.introspection(server).await?,
        registered.userinfo(server).await?,
        registered.push(),
        registered.jwks(),
        registered.sign_in(),
    ]);
    Ok(operations)
}

//! Where a command is run: on the database of the configuration, or by a server elsewhere. A
//! command states both beside each other, and its output once.

use anyhow::bail;
use serde::Serialize;
use serde_json::Value;

use super::{administrator::Administrator, output::OutputArgs, remote::Remote};

/// Where a command is run.
pub(super) enum Target<'a> {
    /// On the database, by this administrator.
    Database(Administrator<'a>),
    /// By this server.
    Server(Box<Remote>),
}

impl<'a> Target<'a> {
    /// The administrator of the database, for a command that the API does not have.
    ///
    /// # Errors
    /// The command was meant for a server.
    pub(super) fn database(&self) -> anyhow::Result<&Administrator<'a>> {
        match self {
            Self::Database(administrator) => Ok(administrator),
            Self::Server(_) => bail!(
                "the administration API does not have this: run the command beside the database, without --server"
            ),
        }
    }

    /// Prints rows as a table of `columns`, or as JSON.
    pub(super) async fn list<T: Serialize>(
        &self,
        output: OutputArgs,
        columns: &[&str],
        on_server: impl AsyncFnOnce(&Remote) -> anyhow::Result<Vec<Value>>,
        on_database: impl AsyncFnOnce(&Administrator<'a>) -> anyhow::Result<Vec<T>>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Database(administrator) => output.list(columns, &on_database(administrator).await?),
            Self::Server(remote) => output.list(columns, &on_server(remote).await?),
        }
    }

    /// Prints an object.
    pub(super) async fn item<T: Serialize>(
        &self,
        output: OutputArgs,
        on_server: impl AsyncFnOnce(&Remote) -> anyhow::Result<Value>,
        on_database: impl AsyncFnOnce(&Administrator<'a>) -> anyhow::Result<T>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Database(administrator) => output.item(&on_database(administrator).await?),
            Self::Server(remote) => output.item(&on_server(remote).await?),
        }
    }

    /// Makes a change and prints a sentence about it.
    pub(super) async fn done<T>(
        &self,
        output: OutputArgs,
        sentence: &str,
        on_server: impl AsyncFnOnce(&Remote) -> anyhow::Result<Value>,
        on_database: impl AsyncFnOnce(&Administrator<'a>) -> anyhow::Result<T>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Database(administrator) => on_database(administrator).await.map(drop)?,
            Self::Server(remote) => on_server(remote).await.map(drop)?,
        }
        output.done(sentence)
    }

    /// Makes a change and prints the sentence that it returns.
    pub(super) async fn told(
        &self,
        output: OutputArgs,
        on_server: impl AsyncFnOnce(&Remote) -> anyhow::Result<String>,
        on_database: impl AsyncFnOnce(&Administrator<'a>) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Database(administrator) => output.done(&on_database(administrator).await?),
            Self::Server(remote) => output.done(&on_server(remote).await?),
        }
    }
}

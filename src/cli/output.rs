//! The output of commands: text or JSON.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use anyhow::Context;
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// The output format.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct OutputArgs {
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// The reader has closed standard output. The command ends silently.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub(crate) struct ClosedPipe;

/// Prints a line to standard output. All commands print with this function, because `println!`
/// panics when the pipe is closed.
///
/// # Errors
/// [`ClosedPipe`] if the reader has closed the pipe, or the error of the write.
pub(super) fn line(line: impl Display) -> anyhow::Result<()> {
    text(format_args!("{line}\n"))
}

/// As [`line`], for a text with its own line breaks.
pub(super) fn text(text: impl Display) -> anyhow::Result<()> {
    match write!(io::stdout(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(ClosedPipe.into()),
        written => written.context("standard output"),
    }
}

/// Prints a line to standard error if possible. `eprintln!` panics when it is closed.
pub(crate) fn error_line(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

impl OutputArgs {
    /// Prints `rows` as a JSON array, or as a table of `columns`. A column is a path of members
    /// such as `texts/en`.
    pub(super) fn list<T: Serialize>(&self, columns: &[&str], rows: &[T]) -> anyhow::Result<()> {
        if self.json {
            return line(serde_json::to_string_pretty(rows)?);
        }
        let title = |path: &&str| path.rsplit('/').next().unwrap_or(path).to_uppercase().replace('_', " ");
        let header = columns.iter().map(title).collect();
        let mut table: Vec<Vec<String>> = vec![header];
        for row in rows {
            let row = serde_json::to_value(row)?;
            let member = |path: &str| row.pointer(&format!("/{path}")).unwrap_or(&Value::Null);
            table.push(columns.iter().map(|path| cell(path, member(path))).collect());
        }
        text(aligned(&table))
    }

    /// Prints a confirmation, except for JSON output.
    pub(super) fn done(&self, sentence: &str) -> anyhow::Result<()> {
        if self.json { Ok(()) } else { line(sentence) }
    }

    /// Prints `item` as a JSON object, or a line per member.
    pub(super) fn item<T: Serialize>(&self, item: &T) -> anyhow::Result<()> {
        let item = serde_json::to_value(item)?;
        if self.json {
            return line(format_args!("{item:#}"));
        }
        let lines = item.as_object().into_iter().flatten();
        let table: Vec<Vec<String>> = lines.map(|(name, value)| vec![name.clone(), cell(name, value)]).collect();
        text(aligned(&table))
    }
}

/// The text of a member. Times, whose names end in `_at`, are shown as RFC 3339, and 0 (RFC 7591
/// §3.2.1) as "never".
fn cell(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(|item| cell(name, item)).collect::<Vec<_>>().join(" "),
        Value::Number(seconds) if name.ends_with("_at") && seconds.as_i64() == Some(0) => "never".to_owned(),
        Value::Number(seconds) if name.ends_with("_at") => {
            let time = seconds.as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
            time.map_or_else(|| seconds.to_string(), |time| time.to_string())
        }
        other => other.to_string(),
    }
}

/// Pads the columns to their widest cell, with two spaces between them. Widths are those of a
/// terminal, where a Korean letter takes two columns.
fn aligned(table: &[Vec<String>]) -> String {
    let mut aligned = Table::new();
    aligned.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for row in table {
        aligned.add_row(row);
    }
    for column in aligned.column_iter_mut() {
        column.set_padding((0, 2));
    }
    aligned.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{aligned, cell};

    #[test]
    fn columns_are_aligned_as_a_terminal_shows_them() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let text = aligned(&[row(["ID", "NAME", "STATE"]), row(["a", "민아", "-"]), row(["bcd", "Ada", "on"])]);
        assert_eq!(text, "ID   NAME  STATE\na    민아  -\nbcd  Ada   on\n");
    }

    #[test]
    fn times_are_rfc_3339_and_zero_is_never() {
        assert_eq!(cell("created_at", &json!(1_790_000_000)), "2026-09-21T14:13:20Z");
        assert_eq!(cell("client_secret_expires_at", &json!(0)), "never");
        assert_eq!(cell("delivered_at", &json!(null)), "-");
        assert_eq!(cell("attempts", &json!(0)), "0");
    }
}

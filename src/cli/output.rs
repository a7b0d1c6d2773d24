//! What a command answers: lines for people, or JSON for machines.

use std::io::Read;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

/// In which form to answer.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// Answer with JSON.
    #[arg(long)]
    json: bool,
}

impl OutputArgs {
    /// Prints `rows` as a JSON array, or as a table of `columns`, which are member names.
    pub(super) fn list<T: Serialize>(&self, columns: &[&str], rows: &[T]) -> anyhow::Result<()> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(rows)?);
            return Ok(());
        }
        let header = columns.iter().map(|name| name.to_uppercase().replace('_', " ")).collect();
        let mut table: Vec<Vec<String>> = vec![header];
        for row in rows {
            let row = serde_json::to_value(row)?;
            table.push(columns.iter().map(|name| cell(&row[*name])).collect());
        }
        print!("{}", aligned(&table));
        Ok(())
    }

    /// Prints `item` as a JSON object, or a line for each of its members.
    pub(super) fn item<T: Serialize>(&self, item: &T) -> anyhow::Result<()> {
        let item = serde_json::to_value(item)?;
        if self.json {
            println!("{item:#}");
            return Ok(());
        }
        let lines = item.as_object().into_iter().flatten();
        let table: Vec<Vec<String>> = lines.map(|(name, value)| vec![name.clone(), cell(value)]).collect();
        print!("{}", aligned(&table));
        Ok(())
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Columns padded to their widest cell, two spaces apart, nothing after the last.
fn aligned(table: &[Vec<String>]) -> String {
    let columns = table.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        table.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in table {
        let padded = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        text.push_str(padded.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Standard input up to its end, at most a mebibyte, without the line end.
pub(super) fn standard_input() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(1 << 20).read_to_string(&mut text)?;
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(text)
}

//! CSV ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180)): a line with the names of the columns,
//! and then one for each user.

use std::collections::BTreeSet;

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value};

use super::{Import, Invalid, registration};

/// Maximum number of columns.
const MAX_COLUMNS: usize = 64;
/// Maximum number of users in a file.
const MAX_USERS: usize = 1_000_000;
/// Maximum length of a field in bytes.
const MAX_FIELD: usize = 16 * 1024;
/// The columns of which one names the user.
const NAMES: [&str; 3] = ["username", "preferred_username", "email"];
/// The columns with `true` or `false`.
const BOOLEANS: [&str; 6] =
    ["email_verified", "emailVerified", "phone_number_verified", "disabled", "blocked", "enabled"];

/// Where something is wrong, and what.
fn at(line: u64, column: &str, reason: impl ToString) -> Invalid {
    let column = if column.is_empty() { String::new() } else { format!(", column {column}") };
    Invalid::Csv(format!("line {line}{column}: {}", reason.to_string()))
}

/// Parses a file. An empty field is a member that a user does not have.
///
/// # Errors
/// [`Invalid::Csv`] if the columns cannot be used, or there are too many users.
pub fn parse(text: &str) -> Result<Vec<Result<Import, Invalid>>, Invalid> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text.as_bytes());
    let columns = columns(&mut reader)?;
    let mut users = Vec::new();
    for record in reader.records() {
        if users.len() == MAX_USERS {
            let line = record.as_ref().ok().and_then(StringRecord::position).map_or(0, csv::Position::line);
            return Err(at(line, "", format!("a file has at most {MAX_USERS} users")));
        }
        users.push(match record {
            Ok(record) => user(&columns, &record),
            Err(error) => Err(unreadable(&error)),
        });
    }
    Ok(users)
}

fn columns(reader: &mut Reader<&[u8]>) -> Result<Vec<String>, Invalid> {
    let header = reader.headers().map_err(|error| unreadable(&error))?;
    if header.len() > MAX_COLUMNS {
        return Err(at(1, "", format!("there are more than {MAX_COLUMNS} columns")));
    }
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    if !columns.iter().any(|column| NAMES.contains(&column.as_str())) {
        return Err(at(1, "", "expected the names of columns between commas, with username or email"));
    }
    let mut seen = BTreeSet::new();
    let twice = columns.iter().find(|column| !seen.insert(column.as_str())).cloned();
    match twice {
        Some(column) => Err(at(1, &column, "it is there twice")),
        None => Ok(columns),
    }
}

fn user(columns: &[String], record: &StringRecord) -> Result<Import, Invalid> {
    let line = record.position().map_or(0, csv::Position::line);
    let mut members = Map::new();
    for (column, field) in columns.iter().zip(record).filter(|(_, field)| !field.is_empty()) {
        if field.len() > MAX_FIELD {
            return Err(at(line, column, format!("it has more than {MAX_FIELD} bytes")));
        }
        let value = value(column, field).ok_or_else(|| at(line, column, "expected true or false"))?;
        members.insert(column.clone(), value);
    }
    let column = |invalid: &Invalid| columns.iter().find(|column| is_about(invalid, column)).cloned();
    Import::parse(Value::Object(members)).map_err(|invalid| at(line, &column(&invalid).unwrap_or_default(), invalid))
}

/// The value of a field. `None` if it has another type.
fn value(column: &str, field: &str) -> Option<Value> {
    Some(match column {
        column if BOOLEANS.contains(&column) => match field.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Value::Bool(true),
            "false" | "no" | "0" => Value::Bool(false),
            _ => return None,
        },
        "groups" => field.split(',').map(str::trim).filter(|name| !name.is_empty()).collect(),
        _ => field.into(),
    })
}

/// Whether it is this column that cannot be used.
fn is_about(invalid: &Invalid, column: &str) -> bool {
    match invalid {
        Invalid::Type(name) => *name == column,
        Invalid::Hash(_) => ["password_hash", "passwordHash"].contains(&column),
        Invalid::Registration(registration::Invalid::Email) => column == "email",
        Invalid::Registration(registration::Invalid::Username(_)) => {
            ["username", "preferred_username"].contains(&column)
        }
        Invalid::Registration(registration::Invalid::Zone) => column == "zoneinfo",
        _ => false,
    }
}

/// Repeats nothing of the file, which has hashes.
fn unreadable(error: &csv::Error) -> Invalid {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            at(line, "", format!("expected {expected_len} fields, found {len}"))
        }
        _ => at(line, "", "it cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const HASH: &str = "$2b$04$czaL4pEQKGw/PfZvi7EhUuKAbouw06zRGQr75tjljObJs7yClpE2K";

    #[test]
    fn columns_are_members() {
        let text = format!(
            "\u{feff}username,email,email_verified,password_hash,groups,name,badge,enabled\r\n\
             ada, Ada@Example.com ,TRUE,{HASH},\"staff, support\",\"Lovelace, \"\"Ada\"\"\",7,yes\r\n\
             bora,,,,,,,no\r\n"
        );
        let mut users = parse(&text).expect("a file");
        let bora = users.remove(1).expect("a user");
        assert_eq!((&*bora.user.username, bora.user.email, bora.disabled), ("bora", None, true));
        let ada = users.remove(0).expect("a user");
        assert_eq!((ada.user.email.as_deref(), ada.user.email_verified), (Some("ada@example.com"), true));
        assert_eq!(ada.user.password_hash.as_deref(), Some(HASH));
        assert_eq!((ada.groups, ada.disabled), (vec!["staff".to_owned(), "support".to_owned()], false));
        let name = ada.user.standard_claims().expect("claims").name;
        assert_eq!(name.as_deref(), Some("Lovelace, \"Ada\""));
        assert_eq!(ada.left_out, ["badge"]);
    }

    #[rstest]
    #[case::number_of_fields("username\nada,ada@example.com\n", "line 2: expected 1 fields, found 2")]
    #[case::boolean("username,disabled\nada,\nbora,maybe\n", "line 3, column disabled: expected true or false")]
    #[case::email("username,email\nada,nonsense\n", "line 2, column email: expected an e-mail address")]
    #[case::username("username\na b\n", "line 2, column username: ")]
    #[case::hash(
        "username,password_hash\nada,5f4dcc3b5aa765d61d8327deb882cf99\n",
        "line 2, column password_hash: expected a hash of"
    )]
    #[case::zone("username,zoneinfo\nada,Mars\n", "line 2, column zoneinfo: ")]
    #[case::nameless("username,name\n\"\",Ada\n", "line 2: expected a username or an e-mail address")]
    #[case::quote_that_does_not_end("username,name\nada,\"Ada\nbora,Bora\n", "line 2")]
    #[case::after_a_field_of_two_lines("username,name,email\nada,\"A\nB\",\nbora,,x\n", "line 4, column email: ")]
    fn user_that_cannot_be_imported_is_refused_with_its_place(#[case] text: &str, #[case] place: &str) {
        let refused: Vec<String> =
            parse(text).expect("columns").into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
        assert!(refused.last().is_some_and(|error| error.starts_with(place)), "{refused:?}");
        assert!(!format!("{refused:?}").contains("5f4dcc3b"), "no hash is shown");
    }

    #[rstest]
    #[case::empty("", "line 1: expected the names")]
    #[case::no_name("name,groups\nAda,staff\n", "line 1: expected the names")]
    #[case::semicolons("username;email\nada;ada@example.com\n", "line 1: expected the names")]
    #[case::twice("username,email,email\nada,,\n", "line 1, column email: it is there twice")]
    #[case::many(&format!("username{}\n", ",a".repeat(MAX_COLUMNS)), "line 1: there are more than 64 columns")]
    fn columns_that_cannot_be_used_are_refused(#[case] text: &str, #[case] place: &str) {
        let error = parse(text).expect_err("refused").to_string();
        assert!(error.starts_with(place), "{error}");
    }

    #[test]
    fn long_field_is_refused() {
        let text = format!("username,name\nada,{}\n", "a".repeat(MAX_FIELD + 1));
        let error = parse(&text).expect("columns").remove(0).expect_err("refused").to_string();
        assert_eq!(error, "line 2, column name: it has more than 16384 bytes");
    }
}

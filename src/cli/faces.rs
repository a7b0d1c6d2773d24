//! The command line and the administration API have the same operations, but for the named ones.

use std::{collections::BTreeSet, path::Path};

use clap::{Command, CommandFactory};
use writ::{
    config::{Issuer, Settings},
    endpoints::admin::openapi,
};

use super::Cli;

/// Subjects that only the command line has: they concern the machine.
const MACHINE: [&str; 16] = [
    "backup",
    "completions",
    "config",
    "demo",
    "doctor",
    "healthcheck",
    "import",
    "login",
    "logout",
    "mail",
    "man",
    "master-key",
    "migrate",
    "passwords",
    "serve",
    "help",
];
/// Commands without an operation, because a leaked token must not open accounts or make every token
/// invalid.
const TOO_POWERFUL: [&str; 15] = [
    "admin recover",
    "key revoke",
    "user export",
    "user import",
    "user invite",
    "user link",
    "user unlink",
    "user links",
    "user recover",
    "user reset-factors",
    "user set-attribute",
    "user set-claims",
    "user set-email",
    "user set-password",
    "user verify-email",
];
/// Commands without an operation, because they show or write files for the operator.
const LOCAL: [&str; 14] = [
    "apply",
    "audit search",
    "audit sinks",
    "audit verify",
    "client failures",
    "client logout-deliveries",
    "client preview",
    "client remove-logo",
    "client set-logo",
    "connection receipt",
    "export",
    "plan",
    "scope preview",
    "user factors",
];
/// Operations without a command: they return the version that a change needs, or a page of what a
/// command shows at once.
const PARTS: [&str; 4] = ["connection show", "group members", "initial-access-token show", "scope show"];

/// What an administrator can change about an object: the member of the API, the argument of
/// `update`, and the field of the console.
const MEMBERS: [(&str, &[[&str; 3]]); 3] = [
    ("group", &[["name", "name", "name"], ["parent", "parent", "parent"]]),
    (
        "resource",
        &[
            ["audience", "audience", "audience"],
            ["names", "names", "name-"],
            ["token_typ", "token_typ", "token_typ"],
            ["token_alg", "token_alg", "token_alg"],
            ["token_lifetime", "token_lifetime", "token_lifetime"],
            ["token_groups", "token_groups", "token_groups"],
        ],
    ),
    (
        "scope",
        &[
            ["texts", "sentences", "sentence-"],
            ["risk", "risk", "risk"],
            ["default", "default", "default"],
            ["groups", "groups", "groups"],
            ["acr", "acr", "mfa"],
        ],
    ),
];
/// Arguments without a member: they belong to that of another argument, or only the command line
/// has them, because a leaked token must not take from members what their group demands.
const ARGUMENTS: [(&str, &[&str]); 3] =
    [("group", &["acr", "top"]), ("resource", &["default_tokens"]), ("scope", &["all_users", "consequences"])];

/// The names of the commands that do something.
fn commands(command: &Command, prefix: &str) -> Vec<String> {
    let leaves = command
        .get_subcommands()
        .filter(|sub| prefix.is_empty() && !MACHINE.contains(&sub.get_name()) || !prefix.is_empty());
    leaves
        .flat_map(|sub| {
            let name = format!("{prefix}{}", sub.get_name());
            if sub.has_subcommands() { commands(sub, &format!("{name} ")) } else { vec![name] }
        })
        .collect()
}

/// The names of the operations in the document.
fn operations(issuer: &Issuer) -> Vec<String> {
    let document = openapi::document(issuer);
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, operations)| operations.as_object().into_iter().flatten());
    operations.filter_map(|(_, operation)| Some(operation["operationId"].as_str()?.replace('.', " "))).collect()
}

#[test]
fn command_line_and_api_have_the_same_operations_but_for_the_named_ones() {
    let commands: BTreeSet<String> = commands(&Cli::command(), "").into_iter().collect();
    let operations: BTreeSet<String> = operations(&Settings::default().server.issuer).into_iter().collect();
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    let only_commands = commands.difference(&operations).cloned().collect::<BTreeSet<_>>();
    assert_eq!(only_commands, &named(&TOO_POWERFUL) | &named(&LOCAL));
    assert_eq!(operations.difference(&commands).cloned().collect::<BTreeSet<_>>(), named(&PARTS));
}

#[test]
fn every_operation_is_a_request_of_a_command() {
    let files = ["audit", "client", "connection", "group", "initial_access_token", "key", "resource", "scope", "user"];
    let mut code = String::new();
    for name in files {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli").join(name);
        code += &std::fs::read_to_string(path.with_extension("rs")).expect("a file");
        let further = std::fs::read_dir(&path).into_iter().flatten().flatten();
        code.extend(further.map(|entry| std::fs::read_to_string(entry.path()).expect("a file")));
    }
    let is_sent = |operation: &String| code.contains(&format!("\"{}\"", operation.replace(' ', ".")));
    let operations = operations(&Settings::default().server.issuer);
    let unsent = operations.into_iter().filter(|operation| !is_sent(operation));
    // They are read for their versions only; `group show` finds its group in the list, by its name.
    assert_eq!(
        unsent.collect::<BTreeSet<_>>(),
        ["connection show", "group show", "initial-access-token show", "scope show"].map(str::to_owned).into()
    );
}

#[test]
fn each_face_changes_the_same_members() {
    let document = openapi::document(&Settings::default().server.issuer);
    let pages = [
        include_str!("../../templates/pages/console/group.html"),
        include_str!("../pages/console/resource_edit.rs"),
        include_str!("../../templates/pages/console/scope.html"),
    ];
    let mut cli = Cli::command();
    for (((subject, members), (_, others)), page) in MEMBERS.into_iter().zip(ARGUMENTS).zip(pages) {
        let named = |face: usize| members.iter().map(|names| names[face].to_owned()).collect::<BTreeSet<String>>();
        let schema = format!("{}{}Metadata", subject[..1].to_uppercase(), &subject[1..]);
        let properties = document["components"]["schemas"][&schema]["properties"].as_object().expect("a schema");
        assert_eq!(properties.keys().cloned().collect::<BTreeSet<_>>(), named(0), "{subject}");
        let update = cli.find_subcommand_mut(subject).and_then(|command| command.find_subcommand("update"));
        let arguments = update.expect("a command").get_arguments().filter(|argument| !argument.is_positional());
        let arguments = arguments.map(|argument| argument.get_id().to_string());
        let arguments = arguments.filter(|id| !["json", "yes", "help"].contains(&id.as_str()));
        let others = others.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(arguments.collect::<BTreeSet<_>>(), &named(1) | &others, "{subject}");
        for field in named(2) {
            assert!(page.contains(&format!("\"{field}")), "{subject}: {field}");
        }
    }
}

//! What a shell expects of every command: closed pipes, completions, manual pages.

use std::process::Stdio;

use crate::workplace::Workplace;

/// A pipe without a reader.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[test]
fn closed_standard_output_ends_a_command_quietly_and_successfully() {
    let workplace = Workplace::with_talk();
    let commands: &[&[&str]] = &[
        &["migrate"],
        &["client", "list"],
        &["scope", "list", "--json"],
        &["resource", "show", "talk"],
        &["user", "create", "alice"],
        &["user", "disable", "alice"],
        &["config", "check"],
        &["config", "print"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
        &["demo", "--writ-port", "0", "--shop-port", "0", "--talk-port", "0"],
    ];
    for arguments in commands {
        let output = workplace.command(arguments).stdout(closed_pipe()).output().expect("writ ends");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn full_disk_behind_standard_output_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    let output = Workplace::new().command(&["config", "print"]).stdout(full).output().expect("writ ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"), "{output:?}");
}

#[test]
fn closed_standard_error_does_not_change_the_exit_code() {
    let workplace = Workplace::new();
    for (arguments, code) in [(&["client", "show", "nobody"][..], 1), (&["no-such-command"], 2)] {
        let status = workplace.command(arguments).stderr(closed_pipe()).status().expect("writ ends");
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn completions_of_every_shell_name_the_commands() {
    let workplace = Workplace::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = workplace.writ(&["completions", shell], "");
        assert!(script.contains("rotate-secret") && script.contains("initial-access-token"), "{shell}");
    }
}

#[test]
fn man_prints_the_page_or_writes_one_for_each_command() {
    let workplace = Workplace::new();
    let page = workplace.writ(&["man"], "");
    assert!(page.contains(".TH writ 1"), "{page}");

    workplace.writ(&["man", "--all", "."], "");
    for name in ["writ.1", "writ-serve.1", "writ-client-create.1"] {
        let page = std::fs::read_to_string(workplace.directory.join(name)).expect(name);
        assert!(page.contains(".SH OPTIONS"), "{name}: {page}");
    }
    let missing = workplace.refused(&["man", "--all", "no/such/folder"], "");
    assert!(missing.contains("no/such/folder"), "{missing}");
}

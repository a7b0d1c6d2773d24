//! What a shell expects of all commands: closed pipes, completions, manual pages.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};

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
        &["demo", "--writ-port", "0", "--shop-port", "0", "--talk-port", "0", "--mailbox-port", "0"],
    ];
    for arguments in commands {
        let output = workplace.command(arguments).stdout(closed_pipe()).output().expect("writ ends");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn demonstration_ended_by_a_signal_removes_its_data() {
    for signal in [Signal::INT, Signal::TERM] {
        let workplace = Workplace::new();
        let mut command = workplace.command(&[
            "demo",
            "--writ-port",
            "0",
            "--shop-port",
            "0",
            "--talk-port",
            "0",
            "--mailbox-port",
            "0",
        ]);
        let mut demonstration = command.stdout(Stdio::piped()).spawn().expect("writ starts");
        let mut lines =
            BufReader::new(demonstration.stdout.take().expect("a pipe")).lines().map(|line| line.expect("text"));
        let data =
            lines.find_map(|line| line.split_once("removes ").map(|(_, data)| data.trim_end_matches('.').to_owned()));
        let data = data.expect("it says where its data is");
        assert!(Path::new(&data).exists());
        let pid = Pid::from_raw(i32::try_from(demonstration.id()).expect("a process id")).expect("a process id");
        kill_process(pid, signal).expect("sent");
        assert_eq!(lines.last().as_deref(), Some("The demonstration has ended."));
        assert!(demonstration.wait().expect("it ends").success());
        assert!(!Path::new(&data).exists(), "{data}");
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

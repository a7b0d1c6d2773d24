//! The `writ` command.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "they panic when a pipe is closed: see cli::output")]

mod cli;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(status) => status,
        // In `writ client list | head -1`, the reader closes the pipe when it has read enough.
        Err(error) if error.is::<cli::ClosedPipe>() => ExitCode::SUCCESS,
        Err(error) => {
            cli::error_line(format_args!("writ: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

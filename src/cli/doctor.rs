//! `writ doctor`: what is wrong, and how to mend it.

use std::{process::ExitCode, sync::Arc};

use clap::Args;
use serde::Serialize;
use url::Url;
use writ::{
    clock::Clock,
    config::{ConfigError, Settings},
    doctor::{self, Finding, Section, Severity, Subject, worst},
};

use super::{
    key::read_master_keys,
    output::{self, OutputArgs},
};

/// Exit status: 0 if nothing is wrong, 1 for warnings, 2 for errors.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Ask the server at this URL instead of the issuer, for instance before DNS leads to it.
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    #[command(flatten)]
    output: OutputArgs,
}

/// The output for programs.
#[derive(Serialize)]
struct Report<'a> {
    severity: Severity,
    findings: &'a [Finding],
}

impl DoctorArgs {
    /// Examines the installation. An invalid configuration is a finding as well.
    pub(super) fn run(self, settings: Result<Settings, ConfigError>) -> anyhow::Result<ExitCode> {
        let findings = match settings {
            Ok(settings) => self.examine(&settings)?,
            Err(error) => {
                let remedy = "Correct it, and try `writ config check`.";
                let cause = format!("The configuration is invalid: {error}.");
                vec![Finding::error("configuration", Section::Configuration, cause, remedy)]
            }
        };
        let severity = worst(&findings);
        if self.output.json {
            output::line(serde_json::to_string_pretty(&Report { severity, findings: &findings })?)?;
        } else {
            findings.iter().try_for_each(print)?;
        }
        Ok(match severity {
            Severity::Ok => ExitCode::SUCCESS,
            Severity::Warning => ExitCode::from(1),
            Severity::Error => ExitCode::from(2),
        })
    }

    fn examine(&self, settings: &Settings) -> anyhow::Result<Vec<Finding>> {
        let master_keys = read_master_keys(settings).map(Arc::new);
        let subject = Subject { settings, master_keys, clock: Clock::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let findings = runtime.block_on(doctor::examine(&subject, self.url.as_ref()));
        // A check that took too long may still run on a thread.
        runtime.shutdown_background();
        Ok(findings)
    }
}

/// A line, and the way out below it.
fn print(finding: &Finding) -> anyhow::Result<()> {
    let severity: &str = finding.severity.into();
    output::line(format_args!("{severity:<8}{:<22}{}", finding.id, finding.cause))?;
    match &finding.remedy {
        Some(remedy) => output::line(format_args!("{:<30}{remedy} See {}", "", finding.docs.url())),
        None => Ok(()),
    }
}

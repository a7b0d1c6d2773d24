//! chromedriver, started on a free port and ended when dropped.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context, bail};

pub(crate) struct Chromedriver {
    process: Child,
    port: u16,
    /// Held open, as a process whose output nobody takes would be ended by its next line.
    _output: BufReader<ChildStdout>,
}

impl Chromedriver {
    /// It names its port in its output. It chooses the port for IPv6 and gives up if another process has the same one for IPv4,
    /// so a few attempts are due while other tests start servers.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut said = String::new();
        for _ in 0..5 {
            let mut process = Command::new("chromedriver")
                .arg("--port=0")
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .context("chromedriver is not installed; on Debian: apt-get install chromium chromium-driver")?;
            let mut output = BufReader::new(process.stdout.take().context("its output is piped")?);
            for line in output.by_ref().lines().map_while(Result::ok) {
                let port =
                    line.strip_suffix('.').and_then(|line| line.rsplit_once("successfully on port ")?.1.parse().ok());
                if let Some(port) = port {
                    return Ok(Self { process, port, _output: output });
                }
                said.push_str(&line);
                said.push('\n');
            }
            process.wait()?;
        }
        bail!("chromedriver does not start:\n{said}");
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about a failure here.
        self.process.kill().and_then(|()| self.process.wait()).ok();
    }
}

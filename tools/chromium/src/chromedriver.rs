//! chromedriver on a free port. It ends when dropped.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context, bail};

pub(crate) struct Chromedriver {
    process: Child,
    port: u16,
    /// Kept open: without a reader, the next line of output would end the process.
    _output: BufReader<ChildStdout>,
}

impl Chromedriver {
    /// chromedriver prints its port. It chooses a port for IPv6 and fails if another process uses
    /// the same one for IPv4, so it is tried a few times while other tests start servers.
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
        // It may have ended already. A failure here has no consequence.
        self.process.kill().and_then(|()| self.process.wait()).ok();
    }
}

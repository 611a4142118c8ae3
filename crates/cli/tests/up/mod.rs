//! The command as a process, and a running `workbench up`.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Real time that anything may take here.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command, in an environment that names no API.
pub(crate) fn workbench(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workbench"));
    for variable in ["WORKBENCH_URL", "WORKBENCH_TOKEN", "WORKBENCH_PROFILE"] {
        command.env_remove(variable);
    }
    command
        .args(arguments)
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// `workbench up`, stopped when dropped.
pub(crate) struct Up {
    process: Child,
    /// What the ready file says.
    pub(crate) ready: Value,
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Up {
    pub(crate) fn start(name: &str, more: &[&str]) -> Self {
        let file =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.json", std::process::id()));
        let path = file.to_str().unwrap();
        let mut command = workbench(&["up", "--port", "0", "--speed", "1200", "--ready-file", path]);
        let process = command.args(more).spawn().unwrap();
        wait_until("it is ready", || file.exists());
        let ready = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        std::fs::remove_file(&file).unwrap();
        Self { process, ready }
    }

    pub(crate) fn url(&self) -> &str {
        self.ready["apiUrl"].as_str().unwrap()
    }

    pub(crate) fn token(&self, role: &str) -> &str {
        self.ready["tokens"][role].as_str().unwrap()
    }
}

pub(crate) fn wait_until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "too long until {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

//! A worker in a process of its own: this program, asked to be one.

use std::env;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flowgen_temporal::{Runs, connect};

use super::shop::{Order, SHOP, drawing::Node};
use crate::server::Server;

const URL: &str = "FLOWGEN_TEST_URL";
const FLOW: &str = "FLOWGEN_TEST_FLOW";
const LANES: &str = "FLOWGEN_TEST_LANES";

/// A worker's process, killed when this is dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(server: &Server, flow: &str, lanes: &[&str]) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "kills::worker", "--ignored"]);
        command.env(URL, server.url()).env(FLOW, flow).env(LANES, lanes.join(","));
        // It ends with this program, however that ends: nobody writes to its input then.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the process does.
pub(crate) async fn work() {
    let asked = |name| env::var(name).unwrap_or_else(|_| panic!("{name} says what this process does"));
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_line(&mut String::new());
        std::process::exit(0);
    });
    let runs = Runs::<Node, Order>::new(connect(&asked(URL), "default").await.unwrap(), asked(FLOW));
    let worker = runs.worker(SHOP.runner()).lanes(asked(LANES).split(',')).unwrap();
    worker.lost_after(Duration::from_secs(3)).run().await.unwrap();
}

//! A Temporal server for the tests of a program, started with the first and stopped with the last.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Weak};
use std::time::Duration;

use flowgen_temporal::connect;
use flowgen_temporal::temporalio_client::Client;
use tokio::sync::Mutex;

/// A server, until it is dropped.
pub(crate) struct Server {
    /// A shell that stops the server when its input ends, also because these tests died.
    shell: Child,
    port: u16,
    /// Where its runs are kept; in memory where there is no file.
    file: Option<PathBuf>,
}

/// The server of this program, as long as a test has it.
static SHARED: Mutex<Weak<Server>> = Mutex::const_new(Weak::new());

impl Server {
    /// The one that all tests of a program share.
    pub(crate) async fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start(None).await);
        *shared = Arc::downgrade(&server);
        server
    }

    /// A new one.
    pub(crate) async fn start(file: Option<&Path>) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr());
        let port = free.expect("a free port").port();
        let file = file.map(Path::to_owned);
        let server = Self { shell: spawn(port, file.as_deref()), port, file };
        server.answers().await;
        server
    }

    /// Kills it, and starts it again on its file.
    pub(crate) async fn kill_and_restart(&mut self) {
        self.end("KILL");
        self.shell = spawn(self.port, self.file.as_deref());
        self.answers().await;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn client(&self) -> Client {
        connect(&self.url(), "default").await.expect("the server answers")
    }

    /// Waits until it does.
    async fn answers(&self) {
        for _ in 0..600 {
            if let Ok(Ok(_)) =
                tokio::time::timeout(Duration::from_secs(2), connect(&self.url(), "default")).await
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the Temporal server on port {} does not answer", self.port);
    }

    /// Ends the server with this signal, and waits until it is gone.
    fn end(&mut self, signal: &str) {
        if let Some(mut input) = self.shell.stdin.take() {
            // Where the shell is gone, so is the server.
            let _ = writeln!(input, "{signal}");
        }
        let _ = self.shell.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end("TERM");
    }
}

/// The program, which `engines/temporal/server.sh` installs.
fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/temporal-venv/bin/temporal");
    assert!(program.is_file(), "there is no Temporal server: run `engines/temporal/server.sh` to install it");
    program
}

fn spawn(port: u16, file: Option<&Path>) -> Child {
    const SHELL: &str = r#"program=$1; shift
        "$program" "$@" & server=$!
        read -r signal; kill -s "${signal:-TERM}" $server; wait $server"#;
    let port = port.to_string();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(SHELL).arg("sh").arg(program());
    shell.args(["server", "start-dev", "--ip", "127.0.0.1", "--headless", "--log-level", "error", "--port"]);
    shell.arg(port);
    // So that a test comes to long histories, too.
    shell.args(["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=200"]);
    if let Some(file) = file {
        shell.arg("--db-filename").arg(file);
    }
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.spawn().expect("there is a shell")
}

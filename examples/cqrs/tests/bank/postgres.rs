//! A Postgres server of the system's package, for as long as a test uses it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

/// The user that runs the server if the tests are run by root, which Postgres refuses.
const NOBODY: u32 = 65_534;

/// A server that stops with the last test that uses it.
pub struct Server {
    programs: PathBuf,
    folder: TempDir,
    process: Child,
    port: u16,
    databases: AtomicU32,
}

static RUNNING: Mutex<Weak<Server>> = Mutex::new(Weak::new());

impl Server {
    /// The server that runs already, or a new one. `None` where Postgres is not installed.
    pub fn running() -> Option<Arc<Self>> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = running.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start(programs()?, "fsync=off"));
        *running = Arc::downgrade(&server);
        Some(server)
    }

    /// A new server that waits for the disk at each commit, as in production. `None` where Postgres is not installed.
    #[allow(dead_code, reason = "benches/snapshots.rs uses it")]
    pub fn durable() -> Option<Arc<Self>> {
        Some(Arc::new(Self::start(programs()?, "fsync=on")))
    }

    fn start(programs: PathBuf, durability: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
        if is_root {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let data = folder.path().join("data");
        let mut make = program(&programs, "initdb", folder.path());
        make.args(["--username=bank", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        let made = make.arg("--pgdata").arg(&data).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // Another process may take the port between this and the start of the server.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut serve = program(&programs, "postgres", folder.path());
            serve.arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
            serve.args(["-c", "unix_socket_directories=", "-c", "max_connections=300", "-c", durability]);
            let mut process = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            if is_up(&mut process, port) {
                return Self { programs, folder, process, port, databases: AtomicU32::new(0) };
            }
        }
        panic!("Postgres does not start");
    }

    /// Makes an empty database, and says where it is.
    pub async fn database(&self) -> String {
        let name = format!("bank{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = self.connect().await;
        connection.execute(&*format!("CREATE DATABASE {name}")).await.unwrap();
        self.url(&name)
    }

    /// Connects as soon as the server has started up.
    async fn connect(&self) -> PgConnection {
        for _ in 0..600 {
            if let Ok(connection) = PgConnection::connect(&self.url("postgres")).await {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("Postgres does not start up");
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://bank@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = program(&self.programs, "pg_ctl", self.folder.path());
        stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]).arg(self.folder.path().join("data"));
        stop.stdout(Stdio::null()).status().ok();
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Waits until the server listens; `false` if it ends before.
fn is_up(process: &mut Child, port: u16) -> bool {
    for _ in 0..1_200 {
        if process.try_wait().unwrap().is_some() {
            return false;
        }
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

/// A program of Postgres, run by a user other than root.
fn program(programs: &Path, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs.join(name));
    command.current_dir(folder).env_remove("PGDATA");
    if fs::metadata(folder).unwrap().uid() == NOBODY {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// The folder of the newest Postgres.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .collect();
    found.sort();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&paths).collect::<Vec<_>>();
    let all = found.into_iter().rev().map(|(_, folder)| folder).chain(in_path);
    all.into_iter().find(|folder| folder.join("postgres").exists() && folder.join("initdb").exists())
}

//! A real HAProxy with the sample configuration, and versions behind it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use futures_util::StreamExt as _;
use futures_util::stream::once;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use blue_green::balancer::{Assignment, HaProxy, LoadBalancer as _, Tally};
use blue_green::settings::Settings;
use blue_green::site::Site;
use blue_green::slot::Process;
use blue_green::{Colour, Instance};

use crate::stage::{LONG, PROGRAM, SETTINGS, Stage, staged_on};

/// The sample configuration.
pub const CONFIGURATION: &str = include_str!("../../haproxy.cfg");

/// An HAProxy that is killed when this is dropped.
pub struct Proxy {
    pub folder: TempDir,
    pub users: SocketAddr,
    process: Option<Child>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.kill();
    }
}

fn program() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    // Not in the path of users who are not root.
    let folders = std::env::split_paths(&paths).chain([PathBuf::from("/usr/sbin")]).collect::<Vec<_>>();
    let found = folders.iter().map(|folder| folder.join("haproxy")).find(|program| program.exists());
    if found.is_none() {
        eprintln!("skipped: HAProxy is not installed");
    }
    found
}

impl Proxy {
    /// Starts HAProxy, where it is installed, with the sample configuration.
    pub fn start() -> Option<Self> {
        Self::start_with(CONFIGURATION)
    }

    pub fn start_with(configuration: &str) -> Option<Self> {
        program()?;
        // Another process may take the port between this and the start of HAProxy.
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("haproxy.cfg"), configuration).unwrap();
            let users = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let mut proxy = Self { folder, users, process: None };
            if proxy.run() {
                return Some(proxy);
            }
        }
        panic!("HAProxy does not start")
    }

    /// Starts the process. Returns whether it serves.
    pub fn run(&mut self) -> bool {
        let (folder, socket) = (self.folder.path(), self.socket());
        let mut command = Command::new(program().unwrap());
        command.arg("-db").arg("-f").arg(folder.join("haproxy.cfg"));
        command.env("BLUE_GREEN_FOLDER", folder).env("BLUE_GREEN_SOCKET", &socket);
        command.env("BLUE_GREEN_LISTEN", self.users.to_string());
        command.stdout(Stdio::null()).stderr(std::fs::File::create(folder.join("log")).unwrap());
        let process = self.process.insert(command.spawn().unwrap());
        let began = Instant::now();
        while !answers(&socket) {
            if process.try_wait().unwrap().is_some() {
                eprintln!("{}", std::fs::read_to_string(folder.join("log")).unwrap());
                return false;
            }
            assert!(began.elapsed() < LONG, "HAProxy does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    pub fn restart(&mut self) {
        self.kill();
        assert!(self.run());
    }

    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("admin.sock")
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec![
            ("BALANCER__KIND", format!("haproxy:{}", text(&self.socket()))),
            ("BALANCER__STATE_FILE", text(&self.folder.path().join("haproxy.state"))),
        ]
    }

    /// A client whose files are in this folder.
    pub fn client(&self, folder: &Path) -> HaProxy {
        let mut settings = Settings { folder: folder.to_owned(), ..Settings::default() };
        settings.balancer.state_file = Some(self.folder.path().join("haproxy.state"));
        HaProxy::new(self.socket(), &settings, LONG)
    }

    /// A controller behind this HAProxy, with version 1.0.0.
    pub async fn staged(&self, settings: &[(&str, &str)]) -> Stage {
        let own = self.settings();
        let own = own.iter().map(|(key, value)| (*key, value.as_str()));
        let all: Vec<_> = SETTINGS.into_iter().chain(own).chain(settings.iter().copied()).collect();
        let site = Site::start_behind(self.users, Path::new(PROGRAM), &all).unwrap();
        let client = Arc::new(self.client(site.folder()));
        staged_on(site, client).await
    }

    /// The answer of HAProxy itself.
    pub async fn ask(&self, commands: &str) -> String {
        let mut stream = UnixStream::connect(self.socket()).await.unwrap();
        stream.write_all(format!("{commands}\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    pub async fn get(&self, path: &str) -> reqwest::Result<reqwest::Response> {
        reqwest::get(format!("http://{}{path}", self.users)).await
    }

    /// The versions that answer many requests.
    pub async fn answering(&self) -> Vec<String> {
        let mut answering = Vec::new();
        for _ in 0..50 {
            let answer = self.get("/greeting").await.unwrap();
            let version = match answer.headers().get("x-version") {
                Some(version) => version.to_str().unwrap().to_owned(),
                None => answer.status().to_string(),
            };
            if !answering.contains(&version) {
                answering.push(version);
            }
        }
        answering
    }
}

/// Whether HAProxy answers at this socket. It does once it listens on all of its addresses. A connection to the address
/// for users proves less: the socket may not exist yet, or another process may have taken the port.
fn answers(socket: &Path) -> bool {
    let ask = || {
        let mut stream = std::os::unix::net::UnixStream::connect(socket)?;
        stream.write_all(b"show info\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)
    };
    ask().is_ok_and(|length| length > 0)
}

/// A version in this process. Its responses name it, and a number that can be changed.
pub struct Version {
    pub instance: Instance,
    pub generation: Arc<AtomicU64>,
}

impl Version {
    pub async fn start(name: &'static str, colour: Colour) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let instance = instance(name, colour, listener.local_addr().unwrap());
        let generation = Arc::new(AtomicU64::new(0));
        let shown = Arc::clone(&generation);
        let named = from_fn(move |request: Request, next: Next| {
            let generation = shown.load(Ordering::SeqCst);
            async move {
                let mut answer = next.run(request).await;
                answer.headers_mut().insert("x-version", HeaderValue::from_static(name));
                answer.headers_mut().insert("x-generation", HeaderValue::from(generation));
                answer
            }
        });
        tokio::spawn(async { axum::serve(listener, routes().layer(named)).await.unwrap() });
        Self { instance, generation }
    }
}

pub fn instance(name: &str, colour: Colour, address: SocketAddr) -> Instance {
    Instance {
        id: name.to_owned(),
        started_by: format!("{name}/n7/1"),
        version: name.to_owned(),
        colour,
        address,
        process: Process::this().unwrap(),
    }
}

fn routes() -> Router {
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        "hello"
    };
    let broken = || async {
        let breaks = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Err(std::io::Error::other("broken"))
        };
        let begins = std::future::ready(Ok(Bytes::from("hel")));
        Body::from_stream(once(begins).chain(once(breaks)))
    };
    Router::new()
        .route("/greeting", get(|| async { "hello" }))
        .route("/slow", get(slow))
        .route("/broken", get(broken))
        .route("/failing", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
}

pub fn to(generation: u64, instance: &Instance) -> Assignment {
    Assignment { generation, instance: Some(instance.clone()) }
}

/// Waits until an instance has no more requests, and returns its counts.
pub async fn drained(client: &HaProxy, instance: &Instance) -> Tally {
    let began = Instant::now();
    loop {
        let standing = client.standing().await.unwrap();
        if standing.in_flight(instance) == 0 {
            return standing.of(instance).unwrap().tally.clone();
        }
        assert!(began.elapsed() < LONG, "it is not drained");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

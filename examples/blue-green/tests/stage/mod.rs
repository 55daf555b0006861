//! A balancer, a controller, a version that serves, and users that ask all the time.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flowgen::report::Status;

use blue_green::Colour;
use blue_green::balancer::{Client as Embedded, LoadBalancer, Standing};
use blue_green::controller::{Client, View};
use blue_green::lanes::{Controller as Journal, Entry};
use blue_green::load::{Load, Seen, Users};
use blue_green::site::Site;
use blue_green::words::Wait;

/// The program.
pub const PROGRAM: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

/// Nothing here takes that long, on the slowest of machines.
pub const LONG: Duration = Duration::from_secs(120);

/// Quick to judge, slow to give up, and not put off by a machine that is busy.
pub const SETTINGS: [(&str, &str); 9] = [
    ("WATCH__FOR_MS", "200"),
    ("WATCH__LOOK_MS", "50"),
    ("WATCH__SAMPLE", "30"),
    ("WATCH__PATIENCE_MS", "60000"),
    ("WATCH__LATENCY_SLACK_MS", "20000"),
    ("GATE__READY_MS", "60000"),
    ("APP__START_MS", "60000"),
    ("RETRY__FIRST_MS", "10"),
    ("CONTROLLER__ANSWER_MS", "20000"),
];

/// All of it.
pub struct Stage {
    pub site: Site,
    pub controller: Client,
    pub balancer: Arc<dyn LoadBalancer>,
    load: Option<Load>,
}

/// A stage on which version 1.0.0 serves users. These settings count more than the usual ones.
pub async fn staged(settings: &[(&str, &str)]) -> Stage {
    staged_without_users(settings).await.with_users()
}

/// The same, without requests.
pub async fn staged_without_users(settings: &[(&str, &str)]) -> Stage {
    let all: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
    let site = Site::start(Path::new(PROGRAM), &all).unwrap();
    let balancer = Arc::new(Embedded::new(site.admin(), LONG).unwrap());
    staged_on(site, balancer).await
}

/// The same, on this site with this balancer.
pub async fn staged_on(site: Site, balancer: Arc<dyn LoadBalancer>) -> Stage {
    let controller = Client::new(site.operators());
    let stage = Stage { site, controller, balancer, load: None };
    let view = stage.release("1.0.0").await;
    assert_eq!(view.status, Status::Completed, "{view}");
    stage
}

impl Stage {
    /// Lets users ask from now on.
    pub fn with_users(self) -> Self {
        Self { load: Some(Load::start(self.site.users(), Users::default())), ..self }
    }

    /// Releases a version, to its end. Releases are named after their versions here.
    pub async fn release(&self, version: &str) -> View {
        self.begin(version).await;
        self.through(version).await
    }

    pub async fn begin(&self, version: &str) {
        self.controller.release(version, Some(version)).await.unwrap();
    }

    /// Waits until a release is under way that something else begins.
    pub async fn until_begun(&self, id: &str) {
        let began = Instant::now();
        while self.controller.show(id).await.is_err() {
            assert!(began.elapsed() < LONG, "it is not begun");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until a release is through.
    pub async fn through(&self, id: &str) -> View {
        tokio::time::timeout(LONG, self.controller.through(id)).await.expect("it does not end").unwrap()
    }

    /// Waits until a release is at this step.
    pub async fn until_at(&self, id: &str, label: &str) {
        let began = Instant::now();
        loop {
            let view = self.controller.show(id).await.unwrap();
            if view.at.iter().any(|at| at == label) {
                return;
            }
            assert!(!view.status.is_over() && began.elapsed() < LONG, "it is not at `{label}`: {view}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until a release waits for an operator.
    pub async fn until_paused(&self, id: &str) -> View {
        let began = Instant::now();
        loop {
            let view = self.controller.show(id).await.unwrap();
            if matches!(view.waiting, Some(Wait::Operator(_))) {
                return view;
            }
            assert!(!view.status.is_over() && began.elapsed() < LONG, "it is not paused: {view}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until the balancer says that a version serves, or that none does.
    pub async fn until_balancer_is_ready(&self, is_ready: bool) {
        let (began, url) = (Instant::now(), format!("http://{}/ready", self.site.admin()));
        while reqwest::get(&url).await.unwrap().status().is_success() != is_ready {
            assert!(began.elapsed() < LONG, "the balancer does not notice");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn standing(&self) -> Standing {
        self.balancer.standing().await.unwrap()
    }

    /// This version serves users, from the only process that runs.
    pub async fn assert_serves_alone(&self, version: &str) {
        let live = self.standing().await.live.instance.expect("no version serves");
        assert_eq!(live.version, version);
        for colour in Colour::ALL {
            let here = self.site.slot(colour).occupant().unwrap();
            assert_eq!(here.as_ref(), Some(&live).filter(|live| live.colour == colour), "{colour}");
        }
        let running = processes(self.site.folder());
        assert_eq!(running, [live.process.pid], "processes of versions");
        self.assert_answers(version).await;
    }

    /// This version answers users.
    pub async fn assert_answers(&self, version: &str) {
        let answer = reqwest::get(format!("http://{}/greeting", self.site.users())).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["x-version"], version);
    }

    /// What users have seen until now.
    pub fn seen(&self) -> Seen {
        self.load.as_ref().map(Load::seen).unwrap_or_default()
    }

    /// Waits until users have had so many more answers of a version.
    pub async fn until_answered(&self, version: &str, more: u64) {
        let (began, before) = (Instant::now(), self.seen().of(version));
        while self.seen().of(version) < before + more {
            assert!(began.elapsed() < LONG, "users are not answered by {version}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub fn journal(&self, release: &str) -> Option<Entry> {
        Journal::new(self.site.folder().join("journal")).entry(release).unwrap()
    }

    /// Sends users home. Every request that they have sent was answered, by a version that served.
    pub async fn users_leave(&mut self) -> Seen {
        let seen = self.load.take().unwrap().stop().await;
        assert!(seen.nothing_was_lost(), "{seen}\n{:?}\n{:?}", seen.lost, seen.stale);
        seen
    }
}

/// The processes that serve a version from this folder, of whom anybody knows or not.
#[cfg(target_os = "linux")]
pub fn processes(folder: &Path) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words: Vec<_> = command.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
        let serves = words.iter().any(|word| word == "--slot");
        if serves && words.iter().any(|word| Path::new(word.as_ref()).starts_with(folder)) {
            found.push(pid);
        }
    }
    found
}

/// The same where there is no `/proc`: the known ones.
#[cfg(not(target_os = "linux"))]
pub fn processes(folder: &Path) -> Vec<u32> {
    let slots = Colour::ALL.map(|colour| blue_green::slot::Slot::new(folder, colour));
    slots.iter().filter_map(|slot| slot.occupant().unwrap()).map(|here| here.process.pid).collect()
}

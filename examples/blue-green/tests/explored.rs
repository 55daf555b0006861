//! Every outcome of every decision, and every fault, repeated call and late call at every step, on a real balancer and
//! with real processes: the old version serves until the release is done, and nothing is left running.

mod stage;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use flowgen::explore::{Answer, Explorer, Scenario, Wanted};
use flowgen::run::VisitOutcome;
use flowgen::{Flow, Next, Node as _, Outcome, Result, RunResult, Visit};
use stage::{LONG, PROGRAM, processes};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use blue_green::balancer::{Assignment, Balancer, Client};
use blue_green::drawing::{End, Node};
use blue_green::lanes;
use blue_green::settings::{self, App, Gate, Settings, Watch};
use blue_green::slot::{Launch, Slot};
use blue_green::words::{Word, Words};
use blue_green::{Colour, Instance, Release, ReleaseFlow};

/// What happens right before a visit of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// The version that serves is gone, as before the first release.
    NothingServes,
    /// The new version dies.
    NewVersionDies,
    /// An operator promotes the release.
    Promotes,
    /// No time passes during the visit.
    ClockStops,
}

/// A balancer, a version that serves, users, and the flow of a release.
struct Site {
    flow: ReleaseFlow,
    words: Words,
    balancer: Client,
    folder: TempDir,
    old: Instance,
    acts: Mutex<BTreeMap<(u32, u32), Act>>,
    /// By how many seconds the monitor's clock goes on when it is looked at.
    step: Arc<AtomicU64>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Site {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        for colour in Colour::ALL {
            self.slot(colour).clear().unwrap();
        }
    }
}

/// Each run takes a fraction of a second: nothing is waited for that does not come.
fn settings(folder: &TempDir) -> Settings {
    let local = ([127, 0, 0, 1], 0).into();
    let command = App::served_by(PROGRAM.as_ref(), None);
    Settings {
        folder: folder.path().to_owned(),
        balancer: settings::Balancer { listen: local, admin: local, ..settings::Balancer::default() },
        controller: settings::Controller { answer_ms: 20_000, ..settings::Controller::default() },
        app: App { command, start_ms: 60_000, ..App::default() },
        gate: Gate { ready_ms: 500, ..Gate::default() },
        watch: Watch {
            look_ms: 1,
            sample: 1,
            patience_ms: 60_000_000,
            latency_slack_ms: 20_000,
            ..Watch::default()
        },
        ..Settings::default()
    }
}

impl Site {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(&folder);
        let serving = Balancer::start(settings.clone()).await.unwrap();
        let (users, admin) = (serving.address(), serving.admin());
        settings.balancer.admin = admin;
        let serving = tokio::spawn(async { serving.run(std::future::pending()).await.unwrap() });
        let slot = Slot::new(folder.path(), Colour::Blue);
        let old = slot.start("1.0.0", "before", &Launch::new(&settings.app)).await.unwrap();
        let balancer = Client::new(admin, LONG).unwrap();
        balancer.switch(&Assignment { generation: 1, instance: Some(old.clone()) }).await.unwrap();
        let asking = tokio::spawn(async move {
            let (client, url) = (reqwest::Client::new(), format!("http://{users}/greeting"));
            loop {
                drop(client.get(&url).send().await);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let step = Arc::new(AtomicU64::new(0));
        let words = Words::default();
        let flow = flow(&settings, &words, &step);
        let (acts, tasks) = (Mutex::default(), vec![serving, asking]);
        Self { flow, words, balancer, folder, old, acts, step, tasks }
    }

    fn slot(&self, colour: Colour) -> Slot {
        Slot::new(self.folder.path(), colour)
    }

    /// Waits until users were answered by the new version once more, if it serves. So each look has a sample.
    async fn until_answered(&self, release: &Release) {
        let Some(new) = &release.new else { return };
        let answered = async || {
            let standing = self.balancer.standing().await.unwrap();
            let serves = standing.is_live(new) && new.process.runs().unwrap();
            standing.of(new).filter(|_| serves).map(|figures| figures.tally.requests)
        };
        let before = answered().await;
        while before.is_some() && answered().await == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn act(&self, act: Act, release: &Release, visit: &Visit) {
        match act {
            Act::NothingServes => {
                self.balancer.switch(&Assignment { generation: 2, instance: None }).await.unwrap();
                self.old.process.kill().unwrap();
            }
            Act::NewVersionDies => {
                if let Some(new) = &release.new {
                    new.process.kill().unwrap();
                }
            }
            Act::Promotes => self.words.say(visit.run(), Word::Promote),
            Act::ClockStops => self.step.store(0, Ordering::Relaxed),
        }
    }
}

/// The flow of a release, with a clock that only goes on when it is looked at.
fn flow(settings: &Settings, words: &Words, step: &Arc<AtomicU64>) -> ReleaseFlow {
    let flow = blue_green::controller::flow(settings, words).unwrap();
    let admin = Client::new(settings.balancer.admin, LONG).unwrap();
    let reach = lanes::Reach::new(Arc::new(admin), words.clone());
    let (step, seconds) = (Arc::clone(step), AtomicU64::new(0));
    let now = Arc::new(move || {
        let step = step.load(Ordering::Relaxed);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.fetch_add(step, Ordering::Relaxed))
    });
    let (gate, watch) = (&settings.gate.smoke_tests, &settings.watch);
    let monitor = lanes::Monitor::new(reach, reqwest::Client::new(), gate, watch, words.clone(), now);
    ReleaseFlow { monitor, ..flow }
}

impl Flow<Release> for Site {
    type Node = Node;

    async fn step(&self, at: Node, release: &mut Release, visit: &Visit) -> Result<Next<Node>> {
        if at == Node::WatchNewVersion {
            self.step.store(3_600, Ordering::Relaxed);
        }
        let act = self.acts.lock().unwrap().remove(&(at.index(), visit.number()));
        if let Some(act) = act {
            self.act(act, release, visit).await;
        }
        if at == Node::WatchNewVersion {
            self.until_answered(release).await;
        }
        self.flow.step(at, release, visit).await
    }

    fn fork(release: &Release) -> Option<Release> {
        ReleaseFlow::fork(release)
    }

    fn join(release: &mut Release, branch: Release) {
        ReleaseFlow::join(release, branch);
    }
}

struct Released(Arc<Site>);

impl Scenario for Released {
    type Flow = Arc<Site>;
    type Cx = Release;

    async fn new() -> (Self, Self::Flow, Release) {
        let site = Arc::new(Site::new().await);
        (Self(Arc::clone(&site)), site, Release::new("1.1.0"))
    }

    async fn bring_about(&self, release: &mut Release, wanted: Wanted<Node>) -> bool {
        let Answer::Outcome(outcome) = wanted.answer else { return false };
        let (at, nth, act) = match (wanted.node, outcome) {
            (Node::ReadyInTime, "No") => {
                release.version = "1.1.0-unready".to_owned();
                return true;
            }
            (Node::SmokeTestsPassed, "No") => {
                release.version = "1.1.0-wrong".to_owned();
                return true;
            }
            (Node::OldVersionToDrain, "First release") => (Node::FindLiveVersion, 1, Act::NothingServes),
            (Node::PromoteEarly, "Yes") => (Node::WatchNewVersion, wanted.visit, Act::Promotes),
            (Node::AsGoodAsTheOld, "No") => (Node::WatchNewVersion, wanted.visit, Act::NewVersionDies),
            (Node::AsGoodAsTheOld, "Not known yet") => (Node::WatchNewVersion, wanted.visit, Act::ClockStops),
            _ => return false,
        };
        self.0.acts.lock().unwrap().insert((at.index(), nth), act);
        true
    }

    async fn check(&self, ended: &RunResult<Node, Release>) -> Result<(), String> {
        let Site { balancer, folder, old, .. } = &*self.0;
        let live = balancer.standing().await.unwrap().live.instance;
        let walked =
            |node, trace| ended.path.iter().any(|walked| walked.node == node && walked.outcome == trace);
        let journal = lanes::Controller::new(folder.path().join("journal"));
        let noted = journal.entry(&ended.run).unwrap().map(|entry| entry.serves);
        let is_first = ended.cx.old.is_none() && walked(Node::FindLiveVersion, VisitOutcome::Done);
        match (&ended.outcome, &live) {
            // What could not be undone is left to an operator.
            (Outcome::Stuck { .. }, _) => return Ok(()),
            (Outcome::Completed { end: End::NewVersionServes }, Some(live))
                if live.started_by != old.started_by =>
            {
                if noted != Some(true) {
                    return Err(format!("the release is done, and noted as {noted:?}"));
                }
            }
            (Outcome::RolledBack { .. } | Outcome::Failed { .. }, live) => {
                if live.as_ref().is_none_or(|live| live.version != old.version) && !is_first {
                    return Err(format!("{live:?} serves after the release has failed"));
                }
                if noted == Some(true) && walked(Node::ReportFailure, VisitOutcome::Done) {
                    return Err("the release has failed, and is noted as done".to_owned());
                }
            }
            (_, live) => return Err(format!("{live:?} serves")),
        }
        let running = processes(folder.path());
        let expected: Vec<u32> = live.iter().map(|live| live.process.pid).collect();
        let is_old_kept = ended.messages.iter().any(|message| !message.outcome.is_completed());
        if running == expected
            || is_old_kept && running.iter().all(|pid| expected.contains(pid) || *pid == old.process.pid)
        {
            Ok(())
        } else {
            Err(format!("the processes {running:?} run, where {expected:?} serve"))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_version_serves_until_the_new_one_does_and_nothing_is_left_running() {
    let coverage = Explorer::new().most_runs(60).explore::<Released>().await.unwrap();
    println!("{coverage}");
    assert_eq!(coverage.gaps().count(), 0, "{coverage}");
}

//! A controller that is killed at a node.

use std::os::unix::process::ExitStatusExt as _;

use flowgen::Node as _;

use blue_green::controller::{Releases, flow};
use blue_green::drawing::Node;
use blue_green::service::settings::load;
use blue_green::settings::{App, Settings};
use blue_green::words::Words;

use crate::stage::{LONG, PROGRAM, Stage};
use crate::wrapped::{Wrapped, Wrong};

/// Which release, at which node, and how.
const VERSION: &str = "KILLED_VERSION";
const AT: &str = "KILLED_AT";
const HOW: &str = "KILLED_HOW";

/// The controller that is killed, in a process of its own. Returns at once if this is not that process.
pub async fn controller() {
    let (Ok(version), Ok(at), Ok(how)) = (std::env::var(VERSION), std::env::var(AT), std::env::var(HOW))
    else {
        return;
    };
    let mut settings: Settings = load(None).unwrap();
    settings.app.command = App::served_by(PROGRAM.as_ref(), None);
    let words = Words::default();
    let wrong = if how == "before" { Wrong::KilledBefore } else { Wrong::KilledAfter };
    let flow = Wrapped { flow: flow(&settings, &words).unwrap(), at: Node::find(&at).unwrap(), wrong };
    let releases = Releases::open(&settings, flow, words).await.unwrap();
    releases.begin(&version, &version).await.unwrap();
    let _ = releases.through(&version).await.unwrap();
}

/// Begins a release with a controller that is killed at a node: the test `the_controller_that_is_killed`, which has
/// to call [`controller`].
pub async fn at_node(stage: &mut Stage, version: &str, at: Node, how: &str) {
    stage.site.kill_controller();
    let site = stage.site.command(&[]);
    let variables = site.get_envs().filter_map(|(key, value)| Some((key, value?)));
    let mut controller = tokio::process::Command::new(std::env::current_exe().unwrap());
    controller
        .args(["the_controller_that_is_killed", "--exact", "--nocapture", "--test-threads=1"])
        .envs(variables)
        .env(VERSION, version)
        .env(AT, at.spec().id)
        .env(HOW, how)
        .kill_on_drop(true);
    let ended = tokio::time::timeout(LONG, controller.output()).await.expect("it is not killed").unwrap();
    assert_eq!(ended.status.signal(), Some(9), "{how} `{}`: {ended:?}", at.spec().label);
    stage.site.start_controller().unwrap();
}

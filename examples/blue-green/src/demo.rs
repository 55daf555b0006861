//! Three releases under load: the first one, a good one and a bad one.

use flowgen::report::Status;

use crate::controller::{Client, View};
use crate::load::{Load, Users};
use crate::site::Site;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Short enough for a demo, and long enough for a busy machine.
const SETTINGS: [(&str, &str); 5] = [
    ("WATCH__FOR_MS", "2000"),
    ("WATCH__LOOK_MS", "100"),
    ("WATCH__SAMPLE", "100"),
    ("WATCH__PATIENCE_MS", "60000"),
    ("WATCH__LATENCY_SLACK_MS", "1000"),
];

/// A description, a version, and the expected status of its release.
const RELEASES: [(&str, &str, Status); 2] = [
    ("a good version", "1.1.0", Status::Completed),
    ("a version that turns bad once it serves", "1.2.0-errors", Status::RolledBack),
];

/// Starts a balancer and a controller in a temporary folder, releases versions under load, and prints the results.
/// Returns whether all releases ended as expected.
///
/// # Errors
///
/// A process can't be started, or it does not answer.
pub async fn show() -> Result<bool, Failure> {
    let site = Site::start(&std::env::current_exe()?, &SETTINGS)?;
    let controller = Client::new(site.operators());
    println!("balancer at http://{}, controller at http://{}\n", site.users(), site.operators());
    let first = release(&controller, "the first version, before there are users", "1.0.0").await?;
    let mut is_right = first.status == Status::Completed;
    let load = Load::start(site.users(), Users::default());
    for (story, version, wanted) in RELEASES {
        let view = release(&controller, story, version).await?;
        is_right &= view.status == wanted;
    }
    let seen = load.stop().await;
    println!("The responses that users got:\n{seen}");
    Ok(is_right && seen.nothing_was_lost())
}

async fn release(controller: &Client, story: &str, version: &str) -> Result<View, Failure> {
    println!("{version}: {story}");
    controller.release(version, Some(version)).await?;
    let view = controller.through(version).await?;
    println!("{view}\n");
    Ok(view)
}

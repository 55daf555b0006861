//! Three releases under load: the first, a good one, and a bad one.

use crate::controller::Client;
use crate::load::{Load, Users};
use crate::site::Site;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Fast enough to be looked at.
const SETTINGS: [(&str, &str); 5] = [
    ("WATCH__FOR_MS", "1500"),
    ("WATCH__LOOK_MS", "100"),
    ("WATCH__SAMPLE", "100"),
    ("WATCH__PATIENCE_MS", "10000"),
    ("WATCH__LATENCY_SLACK_MS", "200"),
];

/// Starts a balancer and a controller in a folder of their own, releases under load, and prints what became
/// of it. Says whether nothing was lost.
///
/// # Errors
///
/// A process can't be started, or does not answer.
pub async fn show() -> Result<bool, Failure> {
    let site = Site::start(&std::env::current_exe()?, &SETTINGS)?;
    let controller = Client::new(site.operators());
    println!("users at http://{}, operators at http://{}\n", site.users(), site.operators());
    let first = controller.release("1.0.0", Some("first")).await?;
    println!("{}\n", controller.through(&first.id, |_| ()).await?);
    let load = Load::start(site.users(), Users::default());
    for (id, version) in [("good", "1.1.0"), ("bad", "1.2.0-errors")] {
        controller.release(version, Some(id)).await?;
        println!("{}\n", controller.through(id, |_| ()).await?);
    }
    let seen = load.stop().await;
    println!("what users saw\n{seen}");
    Ok(seen.nothing_was_lost())
}

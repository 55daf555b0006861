//! Messages that send messages.

use std::path::Path;

use flowgen::{Fork, Result, Visit};
use flowgen_sqlite::{Engine, ListRuns};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

#[allow(missing_docs, unreachable_pub)]
mod relay {
    flowgen::flow! {
        Runner { # Runner
            n1: circle label:"Race begins"
            n2: diamond label:"Is there a next runner?"
            n3: rectangle label:"Hand baton over"
            n4: circle label:"Handed over"
            n5: circle label:"Finished"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left) [label="Yes"]
            n2.handle(bottom) -> n5.handle(top) [label="No"]
            n3.handle(right) -> n4.handle(left)
            n3.handle(top) -> n2.handle(top) [label="async: Next runner"]
        }
    }
}

/// How many runners are to come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct ToCome(u32);

impl Fork for ToCome {
    fn fork(&self) -> Self {
        *self
    }
    fn join(&mut self, _: Self) {}
}

struct Team;

impl relay::runner::Runner<ToCome> for Team {
    async fn is_there_a_next_runner(
        &self,
        cx: &ToCome,
        _: &Visit,
    ) -> Result<relay::runner::IsThereANextRunner> {
        use relay::runner::IsThereANextRunner::{No, Yes};
        Ok(if cx.0 > 0 { Yes } else { No })
    }
    async fn hand_baton_over(&self, cx: &mut ToCome, _: &Visit) -> Result {
        cx.0 -= 1;
        Ok(())
    }
}

/// How many bytes a race with so many runners takes in its file.
async fn size_of_race(folder: &Path, runners: u32) -> u64 {
    let file = folder.join(format!("{runners}.db"));
    let runs = Engine::open(&file, relay::Flow { runner: Team }.into_runner()).await.unwrap();
    let _ = runs.start("race", ToCome(runners)).await.unwrap();
    let ended = runs.ended("race").await.unwrap();
    assert_eq!(ended.messages.len(), runners as usize);
    assert!(ended.messages.iter().all(|message| message.outcome.is_completed()));
    let last = ended.messages.last().unwrap();
    assert!(last.outcome.is_completed_at(relay::End::Finished), "{}", last.outcome);
    assert!(last.run.starts_with("race/n3/1/n2"), "{}", last.run);
    let listed = runs.list(ListRuns::all().limit(1)).await.unwrap();
    assert_eq!(listed[0].sender.as_deref(), last.sender.as_deref());
    runs.shutdown(std::time::Duration::from_secs(5)).await;
    std::fs::metadata(file).unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_of_messages_takes_as_much_room_as_it_is_long() {
    let folder = TempDir::new().unwrap();
    let short = size_of_race(folder.path(), 1_000).await;
    let long = size_of_race(folder.path(), 10_000).await;
    assert!(long < short * 12, "{long} bytes for ten times as many messages as in {short}");
}

//! A step panics while another one of its run is being saved.

use std::time::Duration;

use flowgen::{Fork, Result, Retry, Scope, TokioClock, Visit};
use flowgen_sqlite::Engine;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

#[allow(missing_docs, unreachable_pub)]
mod halves {
    flowgen::flow! {
        Desk { # Desk
            n1: circle label:"Asked"
            n2: rectangle label:"Tear sheet"
            n3: rectangle label:"Fill in left half"
            n4: rectangle label:"Fill in right half"
            n5: rectangle label:"Glue sheet"
            n6: circle label:"Done"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n2.handle(bottom) -> n4.handle(left)
            n3.handle(right) -> n5.handle(left)
            n4.handle(right) -> n5.handle(bottom)
            n5.handle(right) -> n6.handle(left)
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Sheet {
    filled_in: u32,
}

impl Fork for Sheet {
    fn fork(&self) -> Self {
        Self::default()
    }
    fn join(&mut self, half: Self) {
        self.filled_in += half.filled_in;
    }
}

#[derive(Clone, Debug, Default)]
struct Clerk(watch::Sender<Progress>);

#[derive(Debug, Default)]
struct Progress {
    begun: u32,
    right: bool,
    left: bool,
    rights: u32,
}

impl Clerk {
    fn tell(&self, tell: impl FnOnce(&mut Progress)) {
        self.0.send_modify(tell);
    }

    async fn until(&self, is: impl FnMut(&Progress) -> bool) {
        timeout(Duration::from_secs(20), self.0.subscribe().wait_for(is)).await.expect("it comes").unwrap();
    }
}

impl halves::desk::Desk<Sheet> for Clerk {
    async fn tear_sheet(&self, _: &mut Sheet, _: &Visit) -> Result {
        Ok(())
    }

    async fn fill_in_left_half(&self, sheet: &mut Sheet, visit: &Visit) -> Result {
        self.tell(|progress| progress.begun += 1);
        self.until(|progress| progress.left).await;
        assert!(visit.attempt() > 1, "the pen breaks");
        sheet.filled_in += 1;
        Ok(())
    }

    async fn fill_in_right_half(&self, sheet: &mut Sheet, _: &Visit) -> Result {
        self.tell(|progress| progress.begun += 1);
        self.until(|progress| progress.right).await;
        self.tell(|progress| progress.rights += 1);
        sheet.filled_in += 1;
        Ok(())
    }

    async fn glue_sheet(&self, _: &mut Sheet, _: &Visit) -> Result {
        Ok(())
    }
}

/// Enough time for a branch that is not blocked.
const A_WHILE: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_branch_is_saved_and_not_done_again() {
    let (folder, clerk) = (TempDir::new().unwrap(), Clerk::default());
    let file = folder.path().join("runs.db");
    let runner = halves::Flow { desk: clerk.clone() }.into_runner();
    let runner = runner.clock(TokioClock).retry(Scope::All, Retry::max_retries(1));
    let runs = Engine::open(&file, runner).await.unwrap();
    let _ = runs.start("a", Sheet::default()).await.unwrap();
    clerk.until(|progress| progress.begun == 2).await;

    let another = rusqlite::Connection::open(&file).unwrap();
    another.execute_batch("BEGIN IMMEDIATE").unwrap();
    clerk.tell(|progress| progress.right = true);
    clerk.until(|progress| progress.rights == 1).await;
    sleep(A_WHILE).await;
    clerk.tell(|progress| progress.left = true);
    sleep(A_WHILE).await;
    assert_eq!(runs.resume().await.unwrap().runs, 0, "the panic does not end the run");
    another.execute_batch("COMMIT").unwrap();

    let ended = timeout(Duration::from_secs(20), runs.ended("a")).await.expect("it ends").unwrap();
    assert!(ended.outcome.is_completed(), "{}", ended.outcome);
    assert_eq!((ended.cx.filled_in, clerk.0.borrow().rights), (2, 1), "what was saved is not done again");
}

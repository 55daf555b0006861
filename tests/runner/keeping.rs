use std::collections::BTreeMap;
use std::future::{pending, ready};
use std::sync::Mutex;
use std::time::Duration;

use flowgen::run::{BranchId, Ending, Interpreter, Migration, Run, Saved};
use flowgen::{Checkpointer, Drawing, Node, Retry, Runner, Scope, TokioClock};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::shop::{At, FORK, MESSAGE, SELL, Shop, faults, takes};

/// Keeps what a store would, and notes when.
#[derive(Default)]
struct Store {
    /// How long it takes to keep a run.
    takes: Duration,
    contexts: BTreeMap<BranchId, Vec<String>>,
    kept: Vec<String>,
    messages: Vec<String>,
    /// After so many it is full.
    room: Option<usize>,
}

/// The state of a saved run. Default values are not in its text.
#[derive(Deserialize)]
#[serde(default)]
struct Branch {
    id: BranchId,
    node: u32,
    state: Value,
    attempt: u32,
}

impl Default for Branch {
    fn default() -> Self {
        Self { id: 0, node: 0, state: "Begun".into(), attempt: 1 }
    }
}

impl Checkpointer<Vec<String>> for Store {
    type Error = &'static str;

    async fn checkpoint(&mut self, run: &mut Run<Vec<String>>) -> Result<(), &'static str> {
        if self.room == Some(self.kept.len()) {
            return Err("full");
        }
        for (branch, context) in run.contexts() {
            self.contexts.insert(branch, context.clone());
        }
        let mut saved = serde_json::to_value(run.snapshot(&self.contexts)).unwrap();
        let is_shown = |branch: &Branch| branch.state.as_str().is_some();
        let branches: Vec<Branch> = serde_json::from_value(saved["state"]["branches"].clone()).unwrap();
        let ids: Vec<String> = branches.iter().map(|branch| branch.id.to_string()).collect();
        saved["contexts"].as_object_mut().unwrap().retain(|branch, _| ids.contains(branch));
        saved["path"] = serde_json::to_value(run.state().path()).unwrap();
        self.messages.extend(run.take_messages().iter().map(|message| message.id().to_string()));
        let states: Vec<String> = branches
            .iter()
            .filter(|branch| is_shown(branch))
            .map(|branch| {
                let label = &At(branch.node).spec().label;
                format!("{label} {} {}", branch.state.as_str().unwrap(), branch.attempt)
            })
            .collect();
        sleep(self.takes).await;
        self.kept.push(saved.to_string());
        self.messages.push(states.join(", "));
        Ok(())
    }
}

impl Store {
    fn read_back(&self) -> Run<Vec<String>> {
        let saved: Saved<Vec<String>> = serde_json::from_str(self.kept.last().unwrap()).unwrap();
        let adoption = Migration::new(&Drawing::new(At::PLAN), At::PLAN);
        Interpreter::for_flow::<Shop>().restore(saved, &adoption).unwrap()
    }
}

async fn drive(runner: &Runner<&Shop>, run: &mut Run<Vec<String>>, store: &mut Store) -> Ending {
    runner.drive_with(run, store, pending(), pending()).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn everything_is_kept_as_begun_before_it_is_done() {
    let shop = Shop::new(&[]);
    let (runner, mut store) = (Runner::new(&shop, SELL), Store::default());
    let mut run = runner.start("r", Vec::new());
    assert!(matches!(drive(&runner, &mut run, &mut store).await, Ending::Completed(3)));
    assert_eq!(store.messages, ["Reserve Begun 1", "Pay Begun 1", "Sold Ended 0"]);
}

#[tokio::test(start_paused = true)]
async fn branches_go_on_while_one_is_kept() {
    let shop = Shop::new(&[("Left", takes(10)), ("Right", takes(11))]);
    let runner = Runner::new(&shop, FORK);
    let mut store = Store { takes: Duration::from_millis(100), ..Store::default() };
    let mut run = runner.start("r", Vec::new());
    drive(&runner, &mut run, &mut store).await;
    assert!(shop.log().contains(&"211 ends Right".to_owned()), "{:?}", shop.log());
    let kept =
        ["Split Begun 1", "Left Begun 1, Right Begun 1", "Left Joined 1, Right Begun 1", "Joined Ended 0"];
    assert_eq!(store.messages, kept);
}

#[tokio::test(start_paused = true)]
async fn a_branch_that_is_interrupted_has_its_context_as_of_its_beginning() {
    let shop = Shop::new(&[("Left", takes(10)), ("Right", takes(100))]);
    let (runner, mut store) = (Runner::new(&shop, FORK), Store::default());
    let mut run = runner.start("r", Vec::new());
    assert!(timeout(Duration::from_millis(50), drive(&runner, &mut run, &mut store)).await.is_err());
    let mut run = store.read_back();
    assert!(matches!(drive(&runner, &mut run, &mut store).await, Ending::Completed(9)));
    let context = ["r/n6/1 attempt 1", "a copy of 1", "r/n7/1 attempt 1", "a copy of 1", "r/n8/1 attempt 2"];
    assert_eq!(run.context()[..], context);
    let left = shop.log().iter().filter(|line| line.ends_with("begins Left")).count();
    assert_eq!(left, 1, "what is done is not done again");
}

#[tokio::test(start_paused = true)]
async fn what_may_be_done_is_undone_when_the_run_is_cancelled_after_a_crash() {
    let shop = Shop::new(&[("Reserve", takes(100))]);
    let (runner, mut store) = (Runner::new(&shop, SELL), Store::default());
    let mut run = runner.start("r", Vec::new());
    assert!(timeout(Duration::from_millis(50), drive(&runner, &mut run, &mut store)).await.is_err());
    let mut run = store.read_back();
    let ending = runner.drive_with(&mut run, &mut store, ready(()), pending()).await.unwrap();
    assert!(matches!(ending, Some(Ending::RolledBack(_))), "{ending:?}");
    assert!(shop.log().last().unwrap().ends_with("ends Release"), "{:?}", shop.log());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_done_that_could_not_be_kept() {
    let shop = Shop::new(&[]);
    let runner = Runner::new(&shop, SELL);
    let mut store = Store { room: Some(1), ..Store::default() };
    let mut run = runner.start("r", Vec::new());
    let failed = runner.drive_with(&mut run, &mut store, pending(), pending()).await;
    assert_eq!(failed.unwrap_err(), "full");
    assert_eq!(shop.log(), ["0 begins Reserve", "0 ends Reserve"]);
}

#[tokio::test(start_paused = true)]
async fn messages_are_kept_with_the_run_that_sent_them() {
    let shop = Shop::new(&[]);
    let (runner, mut store) = (Runner::new(&shop, MESSAGE), Store::default());
    let mut run = runner.start("r", Vec::new());
    drive(&runner, &mut run, &mut store).await;
    assert_eq!(store.messages, ["Tell Begun 1", "r/n13/1/n15", "Told Ended 0"]);
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_over_crashes_and_so_are_retries() {
    let shop = Shop::new(&[("Pay", faults(9))]);
    let retry = Retry::max_retries(3).initial_delay(Duration::from_millis(100));
    let runner = Runner::new(&shop, SELL).clock(TokioClock).retry(Scope::All, retry);
    let mut store = Store::default();
    let mut run = runner.start("r", Vec::new());
    // The second attempt is made after 100 ms, the third after 300 ms.
    let crash =
        timeout(Duration::from_millis(200), runner.drive_with(&mut run, &mut store, pending(), pending()));
    assert!(crash.await.is_err());
    let mut run = store.read_back();
    let ending = runner.drive_with(&mut run, &mut store, pending(), pending()).await.unwrap();
    assert!(matches!(ending, Some(Ending::RolledBack(_))), "{ending:?}");
    let pay: Vec<&String> = run.context().iter().filter(|entry| entry.starts_with("r/n2/")).collect();
    assert_eq!(pay, [1, 2, 3, 4].map(|attempt| format!("r/n2/1 attempt {attempt}")).each_ref());
    assert_eq!(shop.log().iter().filter(|line| line.ends_with("begins Pay")).count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_paused_run_finishes_its_steps_and_begins_no_more() {
    let shop = Shop::new(&[("Split", takes(150))]);
    let (runner, mut store) = (Runner::new(&shop, FORK), Store::default());
    let mut run = runner.start("r", Vec::new());
    let pause = sleep(Duration::from_millis(50));
    let ending = runner.drive_with(&mut run, &mut store, pending(), pause).await.unwrap();
    assert!(ending.is_none(), "{ending:?}");
    assert_eq!(shop.elapsed(), 150);
    assert!(matches!(drive(&runner, &mut store.read_back(), &mut store).await, Ending::Completed(9)));
    let again = shop.log().iter().filter(|line| line.contains("begins")).count();
    assert_eq!(again, 3, "{:?}", shop.log());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ends_while_it_is_paused_is_over() {
    let shop = Shop::new(&[("Left", takes(100)), ("Right", takes(150))]);
    let (runner, mut store) = (Runner::new(&shop, FORK), Store::default());
    let mut run = runner.start("r", Vec::new());
    let pause = sleep(Duration::from_millis(50));
    let ending = runner.drive_with(&mut run, &mut store, pending(), pause).await.unwrap();
    assert!(matches!(ending, Some(Ending::Completed(9))), "{ending:?}");
}

#[tokio::test(start_paused = true)]
async fn a_paused_run_waits_neither_for_its_turn_nor_for_a_retry() {
    let shop = Shop::new(&[("Left", faults(1)), ("Right", takes(0))]);
    let retry = Retry::max_retries(1).initial_delay(Duration::from_secs(100));
    let runner = Runner::new(&shop, FORK).clock(TokioClock).retry(Scope::All, retry);
    let mut store = Store::default();
    let mut run = runner.start("r", Vec::new());
    let pause = sleep(Duration::from_millis(50));
    let ending = runner.drive_with(&mut run, &mut store, pending(), pause).await.unwrap();
    assert!(ending.is_none() && shop.elapsed() == 50, "{ending:?}");
    let mut run = store.read_back();
    let ending = runner.drive_with(&mut run, &mut store, pending(), pending()).await.unwrap();
    assert!(matches!(ending, Some(Ending::Completed(9))), "{ending:?}");
    assert_eq!(shop.elapsed(), 50, "it is driven on with the attempt that it waited for");
}

/// A flow that is shared needs nobody to outlive its runner.
#[tokio::test]
async fn a_runner_owns_what_it_shares() {
    let done = Mutex::new(false);
    let runner = Runner::new(std::sync::Arc::new(Shop::new(&[])), SELL);
    tokio::spawn(async move { runner.run(Vec::new()).await }).await.unwrap().outcome.is_completed().then(
        || {
            *done.lock().unwrap() = true;
        },
    );
    assert!(*done.lock().unwrap());
}

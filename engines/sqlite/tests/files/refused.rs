//! Runs that a program can't go on with, and what is done about them.

use std::time::Duration;

use flowgen::report::Status;
use flowgen::{Effect, Fork, Result, Visit};
use flowgen_sqlite::{Engine, Error, ListRuns, Operator, Options, Reader, Started};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::shop::{Order, Runs, Seller, flow, open};

/// The goods are paid first now.
mod swapped {
    flowgen::flow! {
        #![allow(F405)]
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Reserve goods"
            n3: rectangle label:"Pay"
            n4: circle label:"Sold"
            n5: rectangle label:"Release goods"
            n1.handle(right) -> n3.handle(left)
            n3.handle(right) -> n2.handle(left)
            n2.handle(right) -> n4.handle(left)
            n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
        }
    }
}

impl swapped::shop::Shop<Order> for Seller {
    async fn reserve_goods(&self, order: &mut Order, visit: &Visit) -> Result<Effect> {
        flow::shop::Shop::reserve_goods(self, order, visit).await
    }

    async fn pay(&self, order: &mut Order, visit: &Visit) -> Result {
        flow::shop::Shop::pay(self, order, visit).await
    }
}

impl swapped::shop::Compensation<Order> for Seller {
    async fn release_goods(&self, order: &mut Order, visit: &Visit) -> Result {
        flow::shop::Compensation::release_goods(self, order, visit).await
    }
}

/// A file with runs that pay, of which nobody has the file.
async fn paying(ids: &[&str]) -> TempDir {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    for id in ids {
        let _ = runs.start(*id, Order::waiting(&["n3"])).await.unwrap();
        seller.begins(&format!("{id}/n3/1 #1")).await;
    }
    runs.shutdown(Duration::ZERO).await;
    folder
}

type Swapped = Engine<swapped::Node, Order>;

async fn open_swapped(folder: &TempDir, seller: &Seller, options: Options<swapped::Node, Order>) -> Swapped {
    let runner = swapped::Flow { shop: seller.clone() }.into_runner();
    Engine::open_with(folder.path().join("runs.db"), runner, options).await.unwrap()
}

const WHY: &str = "run `a` was begun with another drawing: `Reserve goods` (n2) was passed, and this drawing leads to \
    it again, so that it would be done twice: draw no way back to it, or accept that it is repeated";

fn message<T>(answer: std::result::Result<T, Error>) -> String {
    answer.err().map_or_else(|| "nothing".to_owned(), |error| error.to_string())
}

async fn listed<N: flowgen::Node, Cx>(runs: &Engine<N, Cx>) -> Vec<String> {
    let runs = runs.list(ListRuns::all()).await.unwrap();
    runs.into_iter().map(|run| format!("{} {}", run.run, run.status)).collect()
}

#[tokio::test]
async fn a_run_that_would_repeat_a_step_is_refused_and_every_call_says_why() {
    let (folder, seller) = (paying(&["a"]).await, Seller::new());
    seller.open();
    let runs = open_swapped(&folder, &seller, Options::new()).await;
    let resumed = runs.resume().await.unwrap();
    assert_eq!((resumed.runs, resumed.refused.len()), (0, 1));
    let answers = [
        message(runs.outcome("a").await),
        message(runs.ended("a").await),
        message(runs.cancel("a").await),
        message(runs.retry("a").await),
        message(runs.resolve("a", swapped::Node::ReserveGoods, 1).await),
        message(runs.skip("a", swapped::Node::ReserveGoods, 1).await),
    ];
    assert_eq!(answers, [WHY; 6]);
    assert_eq!(listed(&runs).await, ["a refused"]);
    let only = runs.list(ListRuns::with_statuses([Status::Refused])).await.unwrap();
    assert_eq!(only[0].refused.as_deref(), Some(WHY));
    assert_eq!(runs.list(ListRuns::with_statuses([Status::Running])).await.unwrap(), []);
    let shown = runs.show("a").await.unwrap();
    assert_eq!((shown.report.status, shown.report.at[0].node.label.as_str()), (Status::Refused, "Pay"));
    assert_eq!(shown.summary.refused.as_deref(), Some(WHY));
    assert_eq!(runs.start("a", Order::default()).await.unwrap(), Started::Existing);
    assert_eq!(seller.begun(), [""; 0], "nothing of it was done");
    runs.shutdown(Duration::from_secs(1)).await;

    // A program with the drawing before goes on with it, and it is refused no longer.
    let runs = open(folder.path(), &seller).await;
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    assert!(runs.outcome("a").await.unwrap().is_completed());
    assert_eq!(listed(&runs).await, ["a completed"]);
}

#[tokio::test]
async fn what_is_accepted_by_name_is_done_twice() {
    let (folder, seller) = (paying(&["a"]).await, Seller::new());
    seller.open();
    let options = Options::new().accept_repeat(swapped::Node::ReserveGoods);
    let runs = open_swapped(&folder, &seller, options).await;
    assert_eq!(runs.resume().await.unwrap().runs, 1);
    assert_eq!(runs.ended("a").await.unwrap().cx.done, ["a/n2/1", "a/n3/1", "a/n2/2"]);
}

#[tokio::test]
async fn a_refused_run_is_abandoned_with_what_it_owes_and_then_deleted() {
    let (folder, seller) = (paying(&["a", "b"]).await, Seller::new());
    let runs = open_swapped(&folder, &seller, Options::new()).await;
    let _ = runs.resume().await.unwrap();
    let may_owe = "run `a` is running, and may owe something: abandon it before it is deleted";
    assert_eq!(message(runs.delete("a").await), may_owe);
    let undos = runs.abandon("a").await.unwrap();
    assert_eq!(undos.iter().map(|undo| undo.node.label.as_str()).collect::<Vec<_>>(), ["Reserve goods"]);
    let shown = runs.show("a").await.unwrap();
    assert_eq!(shown.report.summary, "abandoned; pending undos: `Reserve goods`");
    assert_eq!((shown.summary.status, shown.summary.refused), (Status::Abandoned, None));
    let outcome = runs.outcome("a").await.unwrap().to_string();
    assert_eq!(outcome, "abandoned; pending undos: `Reserve goods`");
    let over = "run `a` is over: it is abandoned";
    assert_eq!(message(runs.abandon("a").await), over);
    assert_eq!(listed(&runs).await, ["b refused", "a abandoned"]);
    assert_eq!(runs.resume().await.unwrap().refused.len(), 1, "it is not resumed any more");

    runs.delete("a").await.unwrap();
    assert_eq!(message(runs.show("a").await), "there is no run `a`");
    assert_eq!(message(runs.delete("a").await), "there is no run `a`");
    assert_eq!(message(runs.abandon("nobody").await), "there is no run `nobody`");
    seller.open();
    assert_eq!(runs.start("a", Order::default()).await.unwrap(), Started::New);
    assert!(runs.outcome("a").await.unwrap().is_completed());
    assert_eq!(listed(&runs).await, ["b refused", "a completed"], "the number of `a` may be used again");
}

#[tokio::test]
async fn a_run_that_is_driven_is_neither_abandoned_nor_deleted() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::waiting(&["n3"])).await.unwrap();
    seller.begins("a/n3/1 #1").await;
    assert!(matches!(runs.abandon("a").await, Err(Error::RunActive { run }) if run == "a"));
    assert!(matches!(runs.delete("a").await, Err(Error::RunActive { run }) if run == "a"));
    seller.open();
    assert!(runs.outcome("a").await.unwrap().is_completed());
    runs.delete("a").await.unwrap();
    assert_eq!(listed(&runs).await, [""; 0]);
}

#[tokio::test]
async fn a_stuck_run_is_abandoned_with_the_fault_of_its_compensation() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    let _ = runs.start("a", Order::faulty(&["n3", "n5"])).await.unwrap();
    assert!(runs.outcome("a").await.unwrap().is_stuck());
    let undos = runs.abandon("a").await.unwrap();
    assert_eq!(undos[0].fault.as_deref(), Some("n5 is out of order"));
    assert!(matches!(runs.retry("a").await, Err(Error::NotStuck { .. })));
    runs.delete_ended_before(std::time::SystemTime::now() + Duration::from_secs(1)).await.unwrap();
    assert_eq!(listed(&runs).await, [""; 0]);
}

/// The order of a later program.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Later {
    order: Order,
    since: u32,
}

impl Fork for Later {
    fn fork(&self) -> Self {
        self.clone()
    }

    fn join(&mut self, branch: Self) {
        self.order.join(branch.order);
    }
}

struct LaterSeller(Seller);

impl flow::shop::Shop<Later> for LaterSeller {
    async fn reserve_goods(&self, later: &mut Later, visit: &Visit) -> Result<Effect> {
        flow::shop::Shop::reserve_goods(&self.0, &mut later.order, visit).await
    }

    async fn pay(&self, later: &mut Later, visit: &Visit) -> Result {
        flow::shop::Shop::pay(&self.0, &mut later.order, visit).await
    }

    async fn answer(&self, later: &mut Later, visit: &Visit) -> Result {
        flow::shop::Shop::answer(&self.0, &mut later.order, visit).await
    }

    async fn write_mail(&self, later: &mut Later, visit: &Visit) -> Result {
        flow::shop::Shop::write_mail(&self.0, &mut later.order, visit).await
    }
}

impl flow::shop::Compensation<Later> for LaterSeller {
    async fn release_goods(&self, later: &mut Later, visit: &Visit) -> Result {
        flow::shop::Compensation::release_goods(&self.0, &mut later.order, visit).await
    }
}

type LaterRuns = Engine<flow::Node, Later>;

/// Reads the orders of version 1, but those that fault anywhere.
async fn open_later(folder: &TempDir, seller: &Seller) -> LaterRuns {
    let runner = flow::Flow { shop: LaterSeller(seller.clone()) }.into_runner(flow::Start::Ordered);
    let options = Options::new().contexts(2, |version, json| {
        let order: Order = serde_json::from_str(json)?;
        match &order.faults[..] {
            [] => Ok(Later { order, since: version }),
            [fault, ..] if fault == "panic" => panic!("what an order"),
            [fault, ..] => Err(format!("what faults at {fault} is not taken over").into()),
        }
    });
    Engine::open_with(folder.path().join("runs.db"), runner, options).await.unwrap()
}

#[tokio::test]
async fn contexts_of_an_older_version_are_read_by_the_function_for_them() {
    let (folder, seller) = (paying(&["a", "b"]).await, Seller::new());
    // One is stuck, and one has ended.
    let runs = open(folder.path(), &seller).await;
    for (id, faults) in [("sold", &[][..]), ("stuck", &["n3", "n5"])] {
        let _ = runs.start(id, Order::faulty(faults)).await.unwrap();
        let _ = runs.outcome(id).await.unwrap();
    }
    runs.shutdown(Duration::ZERO).await;

    seller.open();
    let runs = open_later(&folder, &seller).await;
    assert_eq!(runs.show("a").await.unwrap().context_version, 1);
    assert_eq!(runs.resume().await.unwrap().runs, 2);
    let ended = runs.ended("a").await.unwrap();
    assert_eq!((ended.cx.since, ended.cx.order.done.join(" ").as_str()), (1, "a/n2/1 a/n3/1"));
    assert_eq!(runs.ended("sold").await.unwrap().cx.since, 1, "a run that is over is read the same way");
    let shown = runs.show("a").await.unwrap();
    assert_eq!((shown.context_version, &shown.context["since"]), (2, &1.into()));
    let not_read = "the context of run `stuck` does not become version 2 from version 1";
    assert_eq!(message(runs.retry("stuck").await), not_read);
    let _ = runs.start("new", Later::default()).await.unwrap();
    assert_eq!(runs.ended("new").await.unwrap().cx.since, 0, "the new version is read as it is");
    runs.shutdown(Duration::from_secs(1)).await;

    // Saved again, they are of version 2.
    let runs = open_later(&folder, &seller).await;
    assert_eq!(runs.ended("a").await.unwrap().cx.since, 1);
}

#[tokio::test]
async fn contexts_that_are_not_read_are_refused_by_name_listed_and_can_be_abandoned() {
    let (folder, seller) = (TempDir::new().unwrap(), Seller::new());
    let runs = open(folder.path(), &seller).await;
    for (id, fault) in [("error", "n9"), ("panic", "panic"), ("good", "")] {
        let faults = if fault.is_empty() { Vec::new() } else { vec![fault.to_owned()] };
        let order = Order { faults, ..Order::waiting(&["n3"]) };
        let _ = runs.start(id, order).await.unwrap();
        seller.begins(&format!("{id}/n3/1 #1")).await;
    }
    runs.shutdown(Duration::ZERO).await;
    seller.open();
    let runs = open_later(&folder, &seller).await;
    let resumed = runs.resume().await.unwrap();
    assert_eq!((resumed.runs, resumed.refused.len()), (1, 2));
    assert!(runs.outcome("good").await.unwrap().is_completed());
    let listed = runs.list(ListRuns::with_statuses([Status::Refused])).await.unwrap();
    let reasons: Vec<_> = listed.iter().map(|run| run.refused.clone().unwrap()).collect();
    let not_read = |run| format!("the context of run `{run}` does not become version 2 from version 1");
    assert_eq!(reasons[1], format!("{}: what faults at n9 is not taken over", not_read("error")));
    assert!(
        reasons[0].starts_with(&not_read("panic")) && reasons[0].contains("what an order"),
        "{reasons:?}"
    );
    assert_eq!(message(runs.cancel("error").await), not_read("error"));
    assert_eq!(runs.abandon("error").await.unwrap()[0].node.label, "Reserve goods");
    runs.delete("error").await.unwrap();
    runs.shutdown(Duration::from_secs(1)).await;

    // The program is set back: what has version 2 is refused, and what has version 1 goes on.
    let _ = later_that_waits(&folder).await;
    let runs = open(folder.path(), &seller).await;
    let resumed = runs.resume().await.unwrap();
    let newer = "the context of run `later` has version 2, and this program has version 1: use a newer program, or \
        abandon the run";
    let refused: Vec<String> = resumed.refused.iter().map(ToString::to_string).collect();
    assert_eq!((resumed.runs, &refused[..]), (1, &[newer.to_owned()][..]));
}

async fn later_that_waits(folder: &TempDir) -> usize {
    let seller = Seller::new();
    let runs = open_later(folder, &seller).await;
    let later = Later { order: Order::waiting(&["n3"]), since: 2 };
    let _ = runs.start("later", later).await.unwrap();
    seller.begins("later/n3/1 #1").await;
    runs.shutdown(Duration::ZERO).await
}

async fn resumed(folder: &TempDir, seller: &Seller) -> (Runs, usize) {
    let runs = open(folder.path(), seller).await;
    let resumed = runs.resume().await.unwrap();
    (runs, resumed.runs)
}

#[tokio::test]
async fn an_operator_does_without_the_flow_what_the_service_goes_on_with() {
    let (folder, seller) = (paying(&["cancelled", "given-up"]).await, Seller::new());
    let runs = open(folder.path(), &seller).await;
    for id in ["retried", "resolved", "skipped", "kept"] {
        let _ = runs.start(id, Order::faulty(&["n3", "n5"])).await.unwrap();
        assert!(runs.outcome(id).await.unwrap().is_stuck());
    }
    let _ = runs.start("sold", Order::default()).await.unwrap();
    let _ = runs.outcome("sold").await.unwrap();
    let path = folder.path().join("runs.db");
    assert!(matches!(Operator::open(&path), Err(Error::Locked { .. })));
    assert_eq!(Reader::open(&path).unwrap().list(&ListRuns::all()).unwrap().len(), 7, "reading works");
    runs.shutdown(Duration::from_secs(1)).await;

    let operator = Operator::open(&path).unwrap();
    assert!(operator.cancel("cancelled").unwrap());
    assert!(!operator.cancel("sold").unwrap());
    operator.retry("retried").unwrap();
    assert_eq!(message(operator.retry("sold")), "run `sold` is not stuck");
    assert_eq!(operator.resolve("resolved", "n2", 1).unwrap(), Status::RolledBack);
    assert_eq!(operator.skip("skipped", "n2", 1).unwrap(), Status::RolledBack);
    assert_eq!(message(operator.skip("kept", "n2", 2)), "run `kept` is not stuck at `n2`, visit 2");
    let unknown = "run `kept` is not stuck at `n99`, which its drawing does not have";
    assert_eq!(message(operator.resolve("kept", "n99", 1)), unknown);
    assert_eq!(operator.abandon("given-up").unwrap()[0].node.label, "Reserve goods");
    assert!(matches!(operator.delete("kept"), Err(Error::NotOver { .. })));
    operator.delete("sold").unwrap();
    assert_eq!(message(operator.show("sold")), "there is no run `sold`");
    let list = operator.list(&ListRuns::all()).unwrap();
    let listed: Vec<String> = list.iter().map(|run| format!("{} {}", run.run, run.status)).collect();
    let expected = [
        "kept stuck",
        "retried rolling back",
        "cancelled running",
        "given-up abandoned",
        "skipped rolled back",
        "resolved rolled back",
    ];
    assert_eq!(listed, expected);
    assert!(list[2].cancelled);
    drop(operator);
    let checked = Reader::open(&path).unwrap().check().unwrap();
    assert_eq!((checked.runs, checked.problems), (6, Vec::new()));

    seller.mend();
    seller.open();
    let (runs, count) = resumed(&folder, &seller).await;
    assert_eq!(count, 2);
    assert!(runs.outcome("retried").await.unwrap().is_rolled_back());
    assert_eq!(runs.outcome("cancelled").await.unwrap().to_string(), "rolled back: cancelled");
    let path_text = async |id| runs.ended(id).await.unwrap().path_text();
    let begin = "Ordered → Reserve goods → Pay (faulted) → Release goods (could not undo `Reserve goods`)";
    let by_hand = "Release goods (`Reserve goods` was undone by hand)";
    assert_eq!(path_text("resolved").await, format!("{begin} → {by_hand}"));
    let waived = "Release goods (`Reserve goods` is not to be undone)";
    assert_eq!(path_text("skipped").await, format!("{begin} → {waived}"));
    assert_eq!(path_text("retried").await, format!("{begin} → Release goods (undid `Reserve goods`)"));
}

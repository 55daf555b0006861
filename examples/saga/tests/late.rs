//! The effect of a step lands after its undo: the step timed out, and its write was under way.

mod shop;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flowgen::{Flow, Next, Node as _, Outcome, Result, Retry, Runner, Scope, TokioClock, Visit};
use futures_util::future::join_all;
use rusqlite::Connection;
use tokio::task::JoinHandle;

use saga::drawing::Node;
use saga::lanes::{Books, Undone, register_of};
use saga::settings::Shop as Sold;
use saga::{Order, OrderFlow};
use shop::{STOCK, Shop, compensable, order, shop_that_faults};

/// How many entries there are in the registers whose entries are undone.
fn entries(books: &Connection) -> u32 {
    let count = "SELECT count(*) FROM entries WHERE entry IS NOT NULL AND register <> 'letters'";
    books.query_row(count, (), |row| row.get(0)).unwrap()
}

/// The first visit of a step.
fn visit_of(step: Node) -> Visit {
    Visit::new("order-1", step.spec(), 1)
}

/// The step did nothing, because its key is marked.
async fn is_refused(shop: &Shop, step: Node) {
    let fault = shop.flow.step(step, &mut order(), &visit_of(step)).await.unwrap_err();
    assert!(fault.downcast_ref::<Undone>().is_some() && fault.is_not_done(), "{step:?}: {fault}");
}

/// Runs with late effects are in `tests/explored.rs`.
#[tokio::test]
async fn an_effect_that_lands_after_its_undo_is_refused() {
    for step in compensable() {
        let shop = shop_that_faults(None);
        let undo = Node::ALL[step.spec().undone_by.unwrap() as usize];
        let undoing = visit_of(undo).undoing(step.spec(), 1);
        shop.flow.step(undo, &mut order(), &undoing).await.unwrap();
        is_refused(&shop, step).await;
        assert_eq!(entries(&shop.books()), 0, "after a late `{step:?}`");
        assert_eq!(shop.flow.order_service.stock().await.unwrap(), u64::from(STOCK), "{step:?}");
    }
}

#[tokio::test]
async fn an_effect_that_lands_after_an_operator_has_undone_it_is_refused() {
    for step in compensable() {
        let shop = shop_that_faults(None);
        let books = Books::open(&shop.file()).unwrap();
        let register = register_of(step).expect("each effect has a register");
        for _ in 0..2 {
            books.refuse(register, &visit_of(step)).await.unwrap();
        }
        is_refused(&shop, step).await;
        assert_eq!(entries(&shop.books()), 0, "after a late `{step:?}`");
    }
}

/// An effect that is there already is the operator's to undo. Another attempt adds nothing to it.
#[tokio::test]
async fn an_entry_is_kept_when_an_operator_says_that_it_is_undone() {
    for step in compensable() {
        let shop = shop_that_faults(None);
        shop.flow.step(step, &mut order(), &visit_of(step)).await.unwrap();
        let books = Books::open(&shop.file()).unwrap();
        books.refuse(register_of(step).unwrap(), &visit_of(step)).await.unwrap();
        shop.flow.step(step, &mut order(), &visit_of(step)).await.unwrap();
        assert_eq!(entries(&shop.books()), 1, "{step:?}");
    }
}

#[tokio::test]
async fn a_late_confirmation_is_not_sent_after_the_report_of_the_failure() {
    let shop = shop_that_faults(None);
    let report = Node::ReportFailure;
    shop.flow.step(report, &mut order(), &visit_of(report)).await.unwrap();
    is_refused(&shop, Node::ConfirmOrder).await;
    let letters = shop.flow.orchestrator.letters().await.unwrap();
    assert_eq!(letters, ["the order for Lisbon failed through a fault of ours"]);
}

#[tokio::test]
async fn an_undo_is_repeated_without_a_further_effect() {
    for step in compensable() {
        let shop = shop_that_faults(None);
        let undo = Node::ALL[step.spec().undone_by.unwrap() as usize];
        let undoing = visit_of(undo).undoing(step.spec(), 1);
        shop.flow.step(step, &mut order(), &visit_of(step)).await.unwrap();
        assert_eq!(entries(&shop.books()), 1, "{step:?}");
        for _ in 0..2 {
            shop.flow.step(undo, &mut order(), &undoing).await.unwrap();
            assert_eq!(entries(&shop.books()), 0, "{undo:?}");
            assert_eq!(shop.flow.order_service.stock().await.unwrap(), u64::from(STOCK), "{undo:?}");
        }
    }
}

/// A shop whose steps take a random time, and go on when they are no longer waited for.
struct Slow {
    shop: Arc<OrderFlow>,
    steps: Mutex<Vec<JoinHandle<Result>>>,
}

/// Most attempts write before this.
const TIMEOUT: Duration = Duration::from_millis(100);

/// The others write when the undo of their order is over.
const LATE: Duration = Duration::from_millis(1_500);

impl Flow<Order> for Slow {
    type Node = Node;

    async fn step(&self, at: Node, order: &mut Order, visit: &Visit) -> Result<Next<Node>> {
        let (shop, mut of_step, visit) = (Arc::clone(&self.shop), order.clone(), visit.clone());
        let (tell, told) = tokio::sync::oneshot::channel();
        let step = tokio::spawn(async move {
            tokio::time::sleep(delay(&visit)).await;
            let next = shop.step(at, &mut of_step, &visit).await;
            let ended = next.as_ref().map(drop).map_err(Clone::clone);
            drop(tell.send(next.map(|next| (next, of_step))));
            ended
        });
        self.steps.lock().unwrap().push(step);
        let (next, changed) = told.await??;
        *order = changed;
        Ok(next)
    }

    fn fork(order: &Order) -> Option<Order> {
        OrderFlow::fork(order)
    }

    fn join(order: &mut Order, branch: Order) {
        OrderFlow::join(order, branch);
    }
}

/// The same for the same attempt, in every run of the test.
fn delay(visit: &Visit) -> Duration {
    let mut hasher = DefaultHasher::new();
    (visit.key().to_string(), visit.attempt()).hash(&mut hasher);
    let random = hasher.finish();
    let is_late = random.is_multiple_of(5) && !visit.node().is_compensation();
    if is_late { LATE } else { Duration::from_millis(random / 5 % 10) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_only_orders_that_completed_have_entries() {
    const ORDERS: u32 = 400;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    let sold = Sold { stock: 2 * ORDERS, ..Sold::default() };
    let shop = Arc::new(saga::shop(&Books::open(&file).unwrap(), &sold));
    let slow = Slow { shop, steps: Mutex::default() };
    let mut runner = Runner::new(&slow, Node::OrderReceived.index())
        .clock(TokioClock)
        .retry(Scope::All, Retry::max_retries(1).initial_delay(Duration::from_millis(1)))
        .timeout(Scope::All, TIMEOUT);
    for node in Node::ALL.iter().copied().filter(|node| node.spec().is_compensation()) {
        runner = runner.no_timeout(node);
    }
    let run =
        async |number: u32| (number, runner.run_with_id(format!("order-{number}"), order()).await.outcome);
    let ended = join_all((0..ORDERS).map(run)).await;
    let (mut completed, mut rolled_back) = (BTreeSet::new(), 0);
    for (number, outcome) in ended {
        match outcome {
            Outcome::Completed { .. } => drop(completed.insert(format!("order-{number}"))),
            Outcome::RolledBack { .. } => rolled_back += 1,
            other => panic!("order-{number}: {other}"),
        }
    }
    let mut refused = 0;
    let steps = std::mem::take(&mut *slow.steps.lock().unwrap());
    for step in steps {
        let late = step.await.unwrap();
        refused += u32::from(late.is_err_and(|fault| fault.downcast_ref::<Undone>().is_some()));
    }
    assert!(
        rolled_back > 0 && !completed.is_empty() && refused > 0,
        "{rolled_back}, {completed:?}, {refused}"
    );
    let books = Connection::open(&file).unwrap();
    let runs = "SELECT DISTINCT run FROM entries WHERE entry IS NOT NULL AND register <> 'letters'";
    let mut runs = books.prepare(runs).unwrap();
    let runs = runs.query_map((), |row| row.get(0)).unwrap().map(|run| run.unwrap());
    assert_eq!(runs.collect::<BTreeSet<String>>(), completed, "{rolled_back} orders were rolled back");
    assert_eq!(entries(&books) as usize, 4 * completed.len());
}

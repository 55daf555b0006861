//! Whatever fails, in whatever combination: what is undone is the reverse of what was owed.

use std::path::Path;
use std::time::Duration;

use flowgen::run::VisitOutcome;
use flowgen::{Clock, Node as _, Retry, RunResult, Scope};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use proptest::sample::{select, subsequence};
use tempfile::tempdir;

use rollback::drawing::{Flow, Node};
use rollback::{Faulty, Order, Shop, compensable, compensations, steps};

const PRICE: u64 = 24_95;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What fails on the way, and then, each time that an operator tries again, what is still broken.
    #[test]
    fn the_undo_is_the_reverse_of_what_was_owed(
        declined in any::<bool>(),
        failing in some_of(steps().collect()),
        broken in vec(some_of(compensations().collect()), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = tempdir().unwrap();
        runtime.block_on(check(folder.path(), declined, &failing, &broken));
    }

    /// What fails on the way, and which steps are late, up to all of their attempts.
    #[test]
    fn an_effect_that_is_late_happens_once_or_not_at_all(
        failing in some_of(steps().collect()),
        late in vec(select(compensable().collect::<Vec<_>>()), 0..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = tempdir().unwrap();
        runtime.block_on(land(folder.path(), &failing, &late));
    }
}

/// Does not wait.
struct Impatient;

impl Clock for Impatient {
    async fn sleep(&self, _: Duration) {}
}

async fn land(folder: &Path, failing: &[Node], late: &[Node]) {
    let flow = Flow { shop: Shop::in_folder(folder) };
    let faulty = Faulty::new(&flow, failing).late(late);
    let runner = faulty.runner().clock(Impatient).retry(Scope::All, Retry::max_retries(2));
    let ended = runner.run(Order::new("a book", PRICE, PRICE)).await;
    faulty.land().await;
    let on_disk = flow.shop.standing().await.unwrap();
    let expected = if ended.outcome.is_completed() { compensable().count() } else { 0 };
    assert_eq!(on_disk.len(), expected, "{}: {on_disk:?}", ended.outcome);
}

fn some_of(nodes: Vec<Node>) -> impl Strategy<Value = Vec<Node>> {
    let count = nodes.len();
    subsequence(nodes, 0..=count)
}

async fn check(folder: &Path, declined: bool, failing: &[Node], broken: &[Vec<Node>]) {
    let flow = Flow { shop: Shop::in_folder(folder) };
    let order = Order::new("a book", PRICE, if declined { PRICE - 1 } else { PRICE });
    let faults = [failing, &broken[0]].concat();
    let mut ended = Faulty::new(&flow, &faults).runner().run(order).await;

    let Some(mut owed) = owed(declined, failing) else {
        assert!(ended.outcome.is_completed(), "{}", ended.outcome);
        return;
    };
    let mut seen = 0;
    for (at, broken) in broken.iter().enumerate() {
        if at > 0 {
            ended = Faulty::new(&flow, broken).runner().retry_stuck(ended).await;
        }
        let undone_by = |step: &Node| Node::ALL[step.spec().undone_by.unwrap() as usize];
        let expected: Vec<_> =
            owed.iter().rev().map(|step| (*step, !broken.contains(&undone_by(step)))).collect();
        assert_eq!(undos(&ended)[seen..], expected);
        seen += expected.len();
        owed.retain(|step| broken.contains(&undone_by(step)));
        assert_eq!(ended.outcome.is_stuck(), !owed.is_empty(), "{}", ended.outcome);
        assert_eq!(ended.outcome.is_rolled_back(), owed.is_empty(), "{}", ended.outcome);
        let on_disk = owed.iter().filter(|step| !(declined && **step == Node::Charge)).count();
        assert_eq!(flow.shop.standing().await.unwrap().len(), on_disk);
    }
}

/// What an order owes when it fails: all that it did, or may have done. `None` if it does not fail.
fn owed(declined: bool, failing: &[Node]) -> Option<Vec<Node>> {
    let mut owed = Vec::new();
    for step in [Node::Reserve, Node::Charge, Node::Paid, Node::Ship] {
        let fails = failing.contains(&step);
        let is_done = step != Node::Paid && !(step == Node::Charge && declined);
        if step != Node::Paid && (is_done || fails) {
            owed.push(step);
        }
        if fails || (step == Node::Paid && declined) {
            return Some(owed);
        }
    }
    None
}

/// The steps whose undo was tried, in that order, and whether it worked.
fn undos(ended: &RunResult<Node, Order>) -> Vec<(Node, bool)> {
    let tried = ended.path.iter().filter_map(|walked| match walked.outcome {
        VisitOutcome::Undone { node, .. } => Some((node, true)),
        VisitOutcome::UndoFailed { node, .. } => Some((node, false)),
        _ => None,
    });
    tried.map(|(node, worked)| (Node::ALL[node as usize], worked)).collect()
}

//! Every step and every compensation fails once.

use std::sync::Arc;

use flowgen::{Cause, Node as _, Outcome, RunResult, StuckResolution, Visit};
use tempfile::{TempDir, tempdir};

use rollback::drawing::{Flow, Node};
use rollback::{Faulty, Order, Shop, Undone, compensable, compensations, steps};

struct Case {
    flow: Flow<Shop>,
    _folder: TempDir,
}

impl Case {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        Self { flow: Flow { shop: Shop::in_folder(folder.path()) }, _folder: folder }
    }

    async fn sell(&self, faults: &[Node]) -> RunResult<Node, Order> {
        Faulty::new(&self.flow, faults)
            .runner()
            .run_with_id("order-1", Order::new("a book", 24_95, 50_00))
            .await
    }

    async fn standing(&self) -> usize {
        self.flow.shop.standing().await.unwrap().len()
    }
}

/// The steps with a pending undo, if the run is stuck.
fn pending_undos(ended: &RunResult<Node, Order>) -> Vec<Node> {
    match &ended.outcome {
        Outcome::Stuck { pending_undos, .. } => pending_undos.iter().map(|undo| undo.node).collect(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_fault_of_any_step_leaves_no_effect() {
    for step in steps() {
        let case = Case::new();
        let ended = case.sell(&[step]).await;
        let Outcome::RolledBack { cause: Cause::Fault(at) } = &ended.outcome else {
            panic!("{step:?}: {}", ended.outcome);
        };
        assert_eq!((at.node, case.standing().await), (step, 0));
    }
}

#[tokio::test]
async fn an_effect_that_lands_after_its_undo_is_refused() {
    for step in compensable() {
        let case = Case::new();
        let late = [step];
        let faulty = Faulty::new(&case.flow, &[]).late(&late);
        let ended = faulty.runner().run_with_id("order-1", Order::new("a book", 24_95, 50_00)).await;
        assert!(ended.outcome.is_rolled_back(), "{step:?}: {}", ended.outcome);
        let landed = faulty.land().await;
        let [(at, Err(fault))] = &landed[..] else { panic!("{step:?}: {landed:?}") };
        assert!(fault.downcast_ref::<Undone>().is_some() && fault.is_not_done(), "{step:?}: {fault}");
        assert_eq!((*at, case.standing().await), (step, 0), "a late effect remains");
    }
}

#[tokio::test]
async fn an_effect_that_lands_after_its_undo_by_hand_is_refused() {
    for step in compensable() {
        let case = Case::new();
        let (late, broken) = ([step], [Node::ALL[step.spec().undone_by.unwrap() as usize]]);
        let faulty = Faulty::new(&case.flow, &broken).late(&late);
        let mut ended = faulty.runner().run_with_id("order-1", Order::new("a book", 24_95, 50_00)).await;
        assert_eq!(pending_undos(&ended), [step]);
        let visit = Visit::new(Arc::clone(&ended.run), step.spec(), 1);
        case.flow.shop.take_back(visit.key()).await.unwrap();
        assert!(ended.resolve_stuck(step, 1, StuckResolution::UndoneByHand));
        assert!(faulty.land().await[0].1.is_err(), "{step:?}");
        assert_eq!(case.standing().await, 0, "{step:?}");
    }
}

#[tokio::test]
async fn steps_are_undone_in_reverse_order() {
    let ended = Case::new().sell(&[Node::Ship]).await;
    assert_eq!(ended.undone().collect::<Vec<_>>(), [Node::Ship, Node::Charge, Node::Reserve]);
}

#[tokio::test]
async fn a_fault_of_any_compensation_does_not_stop_the_others() {
    for compensation in compensations() {
        let case = Case::new();
        let ended = case.sell(&[Node::Ship, compensation]).await;
        let undoes = &compensation.spec().undoes;
        assert_eq!(pending_undos(&ended).iter().map(|node| node.index()).collect::<Vec<_>>(), **undoes);
        assert_eq!((ended.undone().count(), case.standing().await), (2, 1), "{compensation:?}");
    }
}

#[tokio::test]
async fn once_repaired_a_compensation_is_tried_again() {
    for compensation in compensations() {
        let case = Case::new();
        let ended = case.sell(&[Node::Ship, compensation]).await;
        let ended = case.flow.runner().retry_stuck(ended).await;
        assert!(ended.outcome.is_rolled_back(), "{compensation:?}: {}", ended.outcome);
        assert_eq!((ended.undone().count(), case.standing().await), (3, 0));
    }
}

#[tokio::test]
async fn an_operator_undoes_one_by_hand_and_waives_the_other() {
    let case = Case::new();
    let mut ended = case.sell(&[Node::Ship, Node::Recall, Node::Release]).await;
    assert_eq!((pending_undos(&ended), case.standing().await), (vec![Node::Reserve, Node::Ship], 2));
    let shipped = Visit::new(Arc::clone(&ended.run), Node::Ship.spec(), 1);
    case.flow.shop.take_back(shipped.key()).await.unwrap();
    assert!(ended.resolve_stuck(Node::Ship, 1, StuckResolution::UndoneByHand));
    assert_eq!((pending_undos(&ended), case.standing().await), (vec![Node::Reserve], 1));
    assert!(ended.resolve_stuck(Node::Reserve, 1, StuckResolution::Waived));
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(case.standing().await, 1, "what is waived is not undone");
    let walk = ended.path_text();
    assert!(
        walk.ends_with("Recall (`Ship` was undone by hand) → Release (`Reserve` is not to be undone)"),
        "{walk}"
    );
}

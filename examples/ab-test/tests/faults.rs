//! Every step, decision and compensation faults, and A serves whatever happens.

mod faulty;
mod world;

use std::time::Duration;

use faulty::Faulty;
use flowgen::{Outcome, Retry, RunResult, Scope, TokioClock};
use world::{draft, users};

use ab_test::drawing::{End, Node};
use ab_test::trial::Simulated;
use ab_test::variant::Variant;
use ab_test::{Experiment, flow};

/// Everything that a run comes to that ends with `Ship`, behind the split.
const ON_THE_WAY: [Node; 13] = [
    Node::SplitTraffic,
    Node::AssignAndExpose,
    Node::CollectOutcomes,
    Node::LookDue,
    Node::CheckSample,
    Node::SampleSound,
    Node::CheckGuardrails,
    Node::GuardrailHarmed,
    Node::CompareVariants,
    Node::Decided,
    Node::SendEverybodyToB,
    Node::WriteReport,
    Node::Verdict,
];

/// Users with whom B is shipped.
fn better() -> Simulated {
    users(0.6)
}

/// Users with whom A is kept.
fn worse() -> Simulated {
    users(0.1)
}

async fn run(users: Simulated, at: &[Node]) -> (Faulty, RunResult<Node, Experiment>) {
    let flow = Faulty::always(users, at);
    let ended = flow.runner().run(Experiment::new(draft())).await;
    (flow, ended)
}

fn serves(faulty: &Faulty) -> Variant {
    let switch = faulty.flow.traffic.switch();
    let is_served_by_a = |user: usize| switch.serves(&format!("user-{user}")) == Variant::A;
    if (0..50).all(is_served_by_a) { Variant::A } else { Variant::B }
}

#[tokio::test]
async fn a_fault_of_any_node_sends_all_users_to_a() {
    for at in ON_THE_WAY {
        let (flow, ended) = run(better(), &[at]).await;
        assert!(ended.outcome.is_rolled_back(), "{at:?}: {}", ended.outcome);
        assert_eq!(serves(&flow), Variant::A, "{at:?}");
        assert_eq!(ended.faults[0].node, at);
    }
}

#[tokio::test]
async fn a_fault_before_the_split_has_nothing_to_undo() {
    let (flow, ended) = run(better(), &[Node::FreezePlan]).await;
    assert!(matches!(ended.outcome, Outcome::Failed { .. }), "{}", ended.outcome);
    assert_eq!((serves(&flow), ended.cx.arrived), (Variant::A, 0));
}

#[tokio::test]
async fn a_fault_of_the_report_after_a_serves_again_has_nothing_to_undo() {
    for at in [Node::WriteReport, Node::Verdict] {
        let (flow, ended) = run(worse(), &[at]).await;
        assert!(matches!(ended.outcome, Outcome::Failed { .. }), "{at:?}: {}", ended.outcome);
        assert_eq!(serves(&flow), Variant::A, "{at:?}");
    }
}

#[tokio::test]
async fn a_failed_undo_of_the_split_is_reported() {
    let (_, ended) = run(worse(), &[Node::SendEverybodyToA]).await;
    let Outcome::Stuck { pending_undos, .. } = &ended.outcome else { panic!("{}", ended.outcome) };
    assert_eq!(pending_undos.iter().map(|undo| undo.node).collect::<Vec<_>>(), [Node::SplitTraffic]);
    assert!(ended.cx.report.is_some(), "the report is written all the same");
}

#[tokio::test]
async fn a_failed_undo_of_the_split_after_a_fault_is_reported() {
    let (_, ended) = run(better(), &[Node::Decided, Node::SendEverybodyToA]).await;
    assert!(matches!(ended.outcome, Outcome::Stuck { .. }), "{}", ended.outcome);
}

#[tokio::test]
async fn a_retried_step_ends_as_without_the_fault() {
    for (users, end) in [(better as fn() -> _, End::Ship), (worse, End::Keep)] {
        let plain = flow(users()).run(Experiment::new(draft())).await;
        for at in ON_THE_WAY.into_iter().chain([Node::FreezePlan, Node::SendEverybodyToA]) {
            let flow = Faulty::once(users(), at);
            let runner = flow
                .runner()
                .clock(TokioClock)
                .retry(Scope::All, Retry::max_retries(1).initial_delay(Duration::ZERO));
            let ended = runner.run(Experiment::new(draft())).await;
            assert!(ended.outcome.is_completed_at(end), "{at:?}: {}", ended.outcome);
            assert_eq!(
                ended.cx.sample, plain.cx.sample,
                "{at:?}: no unit is lost, and none is counted twice"
            );
            assert_eq!(ended.cx.verdict, plain.cx.verdict, "{at:?}");
            assert_eq!(
                ended.cx.looks.len(),
                plain.cx.looks.len(),
                "{at:?}: a look that was made is made once"
            );
        }
    }
}

#[tokio::test]
async fn a_cancelled_run_sends_all_users_to_a() {
    let flow = flow(better());
    let (cancel, cancelled) = tokio::sync::oneshot::channel::<()>();
    let cancel = std::sync::Mutex::new(Some(cancel));
    let runner = flow.runner().observe(|event| {
        if let flowgen::Event::Left { node, .. } = event
            && node.label == "Collect outcomes"
        {
            cancel.lock().unwrap().take();
        }
    });
    let until = async { drop(cancelled.await) };
    let ended = runner.run_cancellable("experiment-1", Experiment::new(draft()), until).await;
    assert!(ended.outcome.is_rolled_back(), "{}", ended.outcome);
    assert_eq!(flow.traffic.switch().serves("user-1"), Variant::A);
}

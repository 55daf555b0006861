//! A typed flow: what each visit gets, in every course of a run.

mod lanes;
mod nested;
mod order;
mod plan;
mod saved;
mod shop;

use std::sync::Arc;
use std::time::Duration;

use flowgen::data::Data;
use flowgen::{Outcome, Retry, RunResult, Runner, Scope, TokioClock};
use order::{End, Flow, Node, Start, Value};
use shop::{Courier, Does, Knows, Order, Parcel, Shortage, World};

type Ended = RunResult<Node, Data<Value>>;

fn ann() -> Order {
    Order { customer: "Ann".to_owned(), items: vec!["pot".to_owned(), "cup".to_owned()] }
}

/// The flow, whose lanes share a world.
fn flow(world: World) -> Flow<World, World> {
    Flow { store: world.clone(), delivery: world }
}

/// Runs an order, and returns what the lanes recorded.
async fn run(world: World) -> (Ended, Vec<String>, World) {
    let flow = flow(world);
    let (start, input) = Start::OrderReceived(ann()).into_data();
    let ended = Runner::new(&flow, start).run_with_id("r", input).await;
    let bugs: Vec<_> =
        ended.faults.iter().filter(|at| at.fault.to_string().contains("flowgen bug")).collect();
    assert!(bugs.is_empty(), "{bugs:?}");
    (ended, flow.store.log(), flow.store)
}

fn delivered() -> End {
    let parcels = ["pot-for-Ann", "cup-for-Ann"].map(|id| Arc::new(Parcel(id.to_owned())));
    End::Delivered { order: Arc::new(ann()), courier: Arc::new(Courier(2)), parcel: parcels.to_vec() }
}

fn not_delivered(shortage: Option<&str>) -> End {
    let shortage = shortage.map(|item| Arc::new(Shortage(item.to_owned())));
    End::NotDelivered { order: Arc::new(ann()), shortage }
}

const FORWARD: [&str; 8] = [
    "next [] -> pot",
    "reserve pot-for-Ann",
    "next [pot-for-Ann] -> cup",
    "reserve cup-for-Ann",
    "begin Ann",
    "courier [pot-for-Ann+cup-for-Ann]",
    "label to Ann",
    "confirm Ann van 2 to Ann",
];

#[tokio::test]
async fn steps_get_what_earlier_ones_gave() {
    let (ended, log, world) = run(World::default()).await;
    assert_eq!(ended.end(), Some(delivered()));
    assert_eq!(log[..8], FORWARD);
    assert_eq!(world.exists(), ["cup-for-Ann", "pot-for-Ann", "to Ann"]);
    assert!(ended.outcome.is_completed_at(order::EndNode::Delivered));
    // A fused decision is on the path, and is a visit of its own.
    assert!(ended.path_text().starts_with(
        "Order received → Next item → Reserve → Reserved? → More items? → Next item → Reserve → Reserved? →"
    ));
}

#[tokio::test]
async fn a_message_inherits_what_it_takes() {
    let (ended, log, _) = run(World::default()).await;
    assert_eq!(log[8..], ["notify Ann van 2"]);
    let [message] = &ended.messages[..] else { panic!("{:?}", ended.messages.len()) };
    assert_eq!(message.end(), Some(End::Notified { courier: Arc::new(Courier(2)) }));
    // It has its order and its courier, and nothing else.
    let names: Vec<&str> = message.cx.iter().map(|(_, value)| order::name_of(value)).collect();
    assert_eq!(names, ["order", "courier"]);
}

#[tokio::test]
async fn an_outcome_of_a_fused_step_gives_its_value_and_owes_nothing() {
    let (ended, log, world) = run(World { sold_out: "cup", ..World::default() }).await;
    assert_eq!(
        log[3..],
        [
            "no cup",
            "tell Ann: `Reserved?` led to `Tell failure`; Some(\"cup\") None [pot-for-Ann]",
            "release pot-for-Ann by value (item pot)",
        ]
    );
    assert_eq!(ended.end(), Some(not_delivered(Some("cup"))));
    assert!(ended.outcome.is_rolled_back());
    assert!(world.exists().is_empty());
}

#[tokio::test]
async fn the_undo_gets_the_inputs_that_the_undone_visit_saw() {
    let (ended, log, world) = run(World::with(&[("confirm", 1, 1, Does::FaultsBefore)])).await;
    let cause = "`Confirm` faulted: refused";
    assert_eq!(
        log[7..],
        [
            &format!("tell Ann: {cause}; None Some(\"to Ann\") [pot-for-Ann+cup-for-Ann]"),
            &format!("void to Ann by value: {cause}"),
            "release cup-for-Ann by value (item cup)",
            "release pot-for-Ann by value (item pot)",
        ]
    );
    assert_eq!(ended.end(), Some(not_delivered(None)));
    assert!(world.exists().is_empty());
}

#[tokio::test]
async fn a_fault_leaves_nothing_and_misses_nothing() {
    let steps =
        ["next_item", "reserve", "more_items", "begin_delivery", "book_courier", "print_label", "confirm"];
    for step in steps {
        for visit in 1..=2 {
            for does in [Does::FaultsBefore, Does::FaultsAfter, Does::FaultsNotDone, Does::Panics] {
                for did in [Knows::Nothing, Knows::Everything, Knows::Faults] {
                    let script = vec![(step, visit, 1, does)];
                    let (ended, log, world) = run(World { script, did, ..World::default() }).await;
                    let about = format!("{step} {visit} {does:?} {did:?}: {log:#?} {}", ended.outcome);
                    if ended.outcome.is_completed() {
                        assert_eq!(ended.end(), Some(delivered()), "{about}");
                        assert!(visit == 2 || step == "more_items", "{about}");
                    } else {
                        assert!(ended.outcome.is_rolled_back(), "{about}");
                        assert_eq!(world.exists(), [""; 0], "{about}");
                        assert_eq!(ended.end(), Some(not_delivered(None)), "{about}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_value_is_never_that_of_a_former_pass() {
    // The second visit of `reserve` faults, so the item of the rollback is that of the second pass, and the
    // parcel of the first one remains in the list.
    let (_, log, _) = run(World::with(&[("reserve", 2, 1, Does::FaultsAfter)])).await;
    let cause = "`Reserve` faulted: the connection broke";
    assert_eq!(
        log[5..],
        [
            &format!("tell Ann: {cause}; None None [pot-for-Ann]"),
            "release cup-for-Ann by r/n3/2 (item cup)",
            "release pot-for-Ann by value (item pot)",
        ]
    );
}

#[tokio::test]
async fn a_visit_in_doubt_is_asked_before_the_trigger_and_its_value_is_the_undos_alone() {
    let script = vec![("reserve", 2, 1, Does::FaultsAfter)];
    let (ended, log, world) = run(World { script, did: Knows::Everything, ..World::default() }).await;
    let cause = "`Reserve` faulted: the connection broke";
    assert_eq!(
        log[4..],
        [
            "did_reserve cup-for-Ann r/n3/2?",
            &format!("tell Ann: {cause}; None None [pot-for-Ann]"),
            "release cup-for-Ann by value (item cup)",
            "release pot-for-Ann by value (item pot)",
        ]
    );
    assert!(ended.path_text().contains("Reserve (faulted) → Reserve (asked: done) → Tell failure"));
    assert!(world.exists().is_empty());
}

#[tokio::test]
async fn a_visit_that_was_not_done_leaves_the_ledger() {
    let script = vec![("reserve", 2, 1, Does::FaultsBefore)];
    let (ended, log, _) = run(World { script, did: Knows::Everything, ..World::default() }).await;
    assert_eq!(log.iter().filter(|line| line.starts_with("release")).count(), 1, "{log:?}");
    assert!(ended.path_text().contains("(asked: not done)"));
    assert!(ended.outcome.is_rolled_back());
}

#[tokio::test]
async fn a_fault_of_an_inquiry_is_no_answer() {
    let script = vec![("reserve", 2, 1, Does::FaultsAfter)];
    let (ended, log, _) = run(World { script, did: Knows::Faults, ..World::default() }).await;
    assert!(log.contains(&"release cup-for-Ann by r/n3/2 (item cup)".to_owned()), "{log:?}");
    assert!(ended.path_text().contains("(asked: unknown)"));
    let faults: Vec<String> = ended.faults.iter().map(|at| at.fault.to_string()).collect();
    assert_eq!(faults, ["the connection broke", "no answer"]);
}

#[tokio::test]
async fn a_step_that_was_certainly_not_done_is_not_asked() {
    let script = vec![("reserve", 2, 1, Does::FaultsNotDone)];
    let (_, log, _) = run(World { script, did: Knows::Everything, ..World::default() }).await;
    assert!(!log.iter().any(|line| line.starts_with("did_")), "{log:?}");
}

#[tokio::test]
async fn an_aborted_fork_shows_what_each_branch_gave() {
    // The label is printed after the courier has faulted, and is awaited.
    let script = [("book_courier", 1, 1, Does::FaultsBefore), ("print_label", 1, 1, Does::Takes(10))];
    tokio::time::pause();
    let (_, log, world) = run(World::with(&script)).await;
    let cause = "`Book courier` faulted: refused";
    assert_eq!(log[6], format!("tell Ann: {cause}; None Some(\"to Ann\") [pot-for-Ann+cup-for-Ann]"));
    assert_eq!(log[7], format!("void to Ann by value: {cause}"));
    assert!(world.exists().is_empty());
}

#[tokio::test]
async fn the_order_in_which_branches_end_does_not_matter() {
    tokio::time::pause();
    for (courier, label) in [(10, 20), (20, 10), (10, 10)] {
        let script =
            [("book_courier", 1, 1, Does::Takes(courier)), ("print_label", 1, 1, Does::Takes(label))];
        let (ended, log, _) = run(World::with(&script)).await;
        assert_eq!(ended.end(), Some(delivered()));
        assert_eq!(log[7], FORWARD[7]);
    }
}

#[tokio::test]
async fn a_retry_gets_the_same_inputs() {
    tokio::time::pause();
    let script = [
        ("next_item", 2, 1, Does::FaultsAfter),
        ("reserve", 1, 1, Does::FaultsAfter),
        ("book_courier", 1, 1, Does::FaultsAfter),
        ("confirm", 1, 1, Does::FaultsAfter),
    ];
    let flow = flow(World::with(&script));
    let (start, input) = Start::OrderReceived(ann()).into_data();
    let runner = Runner::new(&flow, start).clock(TokioClock).retry(Scope::All, Retry::max_retries(2));
    let ended = runner.run_with_id("r", input).await;
    assert_eq!(ended.end(), Some(delivered()));
    let log = flow.store.log();
    for line in ["next [pot-for-Ann] -> cup", "reserve pot-for-Ann", FORWARD[5], FORWARD[7]] {
        assert_eq!(log.iter().filter(|other| *other == line).count(), 2, "{line} {log:?}");
    }
}

#[tokio::test]
async fn an_inquiry_is_retried_by_the_policy_of_its_step() {
    tokio::time::pause();
    let script = vec![("reserve", 2, 1, Does::FaultsAfter), ("reserve", 2, 2, Does::FaultsAfter)];
    let flow = flow(World { script, did: Knows::Faults, ..World::default() });
    let (start, input) = Start::OrderReceived(ann()).into_data();
    let runner = Runner::new(&flow, start).clock(TokioClock).retry(Node::Reserve, Retry::max_retries(1));
    let ended = runner.run_with_id("r", input).await;
    assert!(ended.outcome.is_rolled_back());
    let asked = flow.store.log().iter().filter(|line| line.starts_with("did_reserve")).count();
    assert_eq!(asked, 2);
}

#[tokio::test]
async fn another_start_has_its_own_input_and_an_empty_list() {
    let flow = flow(World::default());
    let ended = flow.run(Start::ExpressReceived(ann())).await;
    let end = End::Delivered { order: Arc::new(ann()), courier: Arc::new(Courier(0)), parcel: Vec::new() };
    assert_eq!(ended.end(), Some(end));
    assert_eq!(flow.store.log()[..3], ["begin Ann", "courier []", "label to Ann"]);
}

#[tokio::test]
async fn a_cancelled_run_gets_its_values_back() {
    tokio::time::pause();
    let flow = flow(World::with(&[("begin_delivery", 1, 1, Does::Takes(50))]));
    let (start, input) = Start::OrderReceived(ann()).into_data();
    let cancel = tokio::time::sleep(Duration::from_millis(10));
    let ended = Runner::new(&flow, start).run_cancellable("r", input, cancel).await;
    assert!(matches!(ended.outcome, Outcome::RolledBack { .. }));
    assert_eq!(
        flow.store.log()[5..],
        [
            "tell Ann: cancelled; None None [pot-for-Ann+cup-for-Ann]",
            "release cup-for-Ann by value (item cup)",
            "release pot-for-Ann by value (item pot)",
        ]
    );
}

//! Engines that crash during a step, and restart.

use crate::engine::{Engine, Interruption};
use crate::expected::Expected;
use crate::flows::{decisions, fork, message, rollback, rounds, straight};
use crate::script::{Act, Script};

/// A case in which the engine crashes during this node.
fn dies_at(node: &str, script: Script) -> Expected {
    let interruption = Some(Interruption::Crash);
    Expected { script: script.at(node, Act::Pause), interruption, ..Expected::default() }
}

/// The step is executed again; the steps before it are not.
pub async fn in_a_step(engine: &impl Engine) {
    let expected = Expected {
        outcome: "completed at Delivered",
        path: &["Ordered", "Accept order", "Pack goods", "Deliver parcel", "Delivered"],
        did: &["n2/1", "n3/1", "n4/1"],
        ..dies_at("n3", Script::default())
    };
    expected.check(engine, "crash::in_a_step", straight::flow()).await;
}

/// Only the step of the interrupted branch is executed again.
pub async fn in_a_branch(engine: &impl Engine) {
    let expected = Expected {
        outcome: "completed at TripBooked",
        path: &[
            "Trip wanted",
            "Look for both",
            "Hold seat",
            "Hold room",
            "Air room",
            "Write itinerary",
            "Trip booked",
        ],
        did: &["n2/1", "n5/1", "n7/1", "n8/1", "n3/1"],
        any_order: true,
        ..dies_at("n8", Script::default())
    };
    expected.check(engine, "crash::in_a_branch", fork::flow()).await;
}

/// The count of visits continues.
pub async fn in_a_round(engine: &impl Engine) {
    let interruption = Some(Interruption::Crash);
    let expected = Expected {
        script: Script::default().rounds(3).at_visit("n2", 2, Act::Pause),
        interruption,
        outcome: "completed at FlourReady",
        path: &[
            "Grain came",
            "Grind grain",
            "Fine enough?",
            "Grind grain",
            "Fine enough?",
            "Grind grain",
            "Fine enough?",
            "Fill sacks",
            "Flour ready",
        ],
        did: &["n2/1", "n2/2", "n2/3", "n4/1"],
        ..Expected::default()
    };
    expected.check(engine, "crash::in_a_round", rounds::flow()).await;
}

/// Pending undos survive the crash.
pub async fn in_a_compensation(engine: &impl Engine) {
    let expected = Expected {
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee",
            "Print card",
            "Card good?",
            "Turn down",
            "Shred card (undid `Print card`)",
            "Pay back fee (undid `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n8/1", "n9/1", "n10/1"],
        ..dies_at("n9", Script::default().answer("n5", "No"))
    };
    expected.check(engine, "crash::in_a_compensation", rollback::flow()).await;
}

/// A message is neither lost nor sent twice.
pub async fn in_a_message(engine: &impl Engine) {
    let expected = Expected {
        outcome: "completed at GuestHasTheKey",
        path: &["Guest came", "Check in", "Hand over key", "Guest has the key"],
        did: &["n2/1", "n3/1"],
        messages: &["completed at ListIsRight"],
        ..dies_at("n5", Script::default())
    };
    expected.check(engine, "crash::in_a_message", message::flow()).await;
}

/// A decision that was interrupted is executed again.
pub async fn before_a_decision(engine: &impl Engine) {
    let expected = Expected {
        outcome: "completed at Lent",
        path: &["Loan wanted", "Look at income", "How good?", "Pay out", "Lent"],
        did: &["n2/1", "n4/1"],
        ..dies_at("n3", Script::default())
    };
    expected.check(engine, "crash::before_a_decision", decisions::flow()).await;
}

//! Compensations that fail.

use crate::engine::{Engine, OperatorAction};
use crate::expected::Expected;
use crate::flows::rollback::flow;
use crate::script::{Act, Script};

fn bank_is_closed() -> Script {
    Script::default().answer("n5", "No").at("n9", Act::FaultUntilRepaired("bank closed".to_owned()))
}

const STUCK: &[&str] = &[
    "Asked to join",
    "Reserve locker",
    "Charge fee",
    "Print card",
    "Card good?",
    "Turn down",
    "Shred card (undid `Print card`)",
    "Pay back fee (could not undo `Charge fee`)",
    "Free locker (undid `Reserve locker`)",
    "Turned down",
];

/// A step that could not be undone remains pending, with its fault.
pub async fn stays_owed(engine: &impl Engine) {
    let expected = Expected {
        script: bank_is_closed(),
        outcome: "stuck: `Card good?` led to `Turn down`; pending undos: `Charge fee` (bank closed)",
        path: STUCK,
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n8/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "stuck::stays_owed", flow()).await;
}

/// After a retry it is undone, under the same key.
pub async fn retried_it_is_undone(engine: &impl Engine) {
    let expected = Expected {
        script: bank_is_closed(),
        operator_actions: vec![OperatorAction::Retry],
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee",
            "Print card",
            "Card good?",
            "Turn down",
            "Shred card (undid `Print card`)",
            "Pay back fee (could not undo `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
            "Pay back fee (undid `Charge fee`)",
        ],
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n8/1", "n10/1", "n9/1"],
        ..Expected::default()
    };
    expected.check(engine, "stuck::retried_it_is_undone", flow()).await;
}

/// Once it is resolved, it is not pending any more.
pub async fn resolved_it_is_undone(engine: &impl Engine) {
    let expected = Expected {
        script: bank_is_closed(),
        operator_actions: vec![OperatorAction::Resolve { node: "n3", visit: 1 }],
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee",
            "Print card",
            "Card good?",
            "Turn down",
            "Shred card (undid `Print card`)",
            "Pay back fee (could not undo `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
            "Pay back fee (`Charge fee` was undone by hand)",
        ],
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n8/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "stuck::resolved_it_is_undone", flow()).await;
}

/// Once it is skipped, it is not pending any more, and the path records that it was not undone.
pub async fn skipped_it_stays_as_it_is(engine: &impl Engine) {
    let expected = Expected {
        script: bank_is_closed(),
        operator_actions: vec![OperatorAction::Skip { node: "n3", visit: 1 }],
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee",
            "Print card",
            "Card good?",
            "Turn down",
            "Shred card (undid `Print card`)",
            "Pay back fee (could not undo `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
            "Pay back fee (`Charge fee` is not to be undone)",
        ],
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n8/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "stuck::skipped_it_stays_as_it_is", flow()).await;
}

/// A failed compensation does not hold up the others; an operator handles two of them one after the other.
pub async fn others_are_undone_all_the_same(engine: &impl Engine) {
    let expected = Expected {
        script: bank_is_closed().at("n8", Act::FaultUntilRepaired("shredder jammed".to_owned())),
        operator_actions: vec![OperatorAction::Resolve { node: "n4", visit: 1 }, OperatorAction::Retry],
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee",
            "Print card",
            "Card good?",
            "Turn down",
            "Shred card (could not undo `Print card`)",
            "Pay back fee (could not undo `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
            "Shred card (`Print card` was undone by hand)",
            "Pay back fee (undid `Charge fee`)",
        ],
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n10/1", "n9/1"],
        ..Expected::default()
    };
    expected.check(engine, "stuck::others_are_undone_all_the_same", flow()).await;
}

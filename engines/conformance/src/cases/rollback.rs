//! Rollbacks as they are drawn.

use std::time::Duration;

use flowgen::Retry;

use crate::engine::{Engine, Interruption, Policies};
use crate::expected::Expected;
use crate::flows::rollback::{drawing::Node, flow};
use crate::script::{Act, Script};

/// The path when all three steps are undone.
const UNDONE: &[&str] = &[
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
];

/// A decision leads to the rollback.
pub async fn the_drawing_leads_back(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().answer("n5", "No"),
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: UNDONE,
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n8/1", "n9/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "rollback::the_drawing_leads_back", flow()).await;
}

/// A fault leads to the trigger. The effect of the step is unknown, so it is undone, too.
pub async fn a_fault_leads_back(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", Act::Fault("card refused".to_owned())),
        outcome: "rolled back: `Charge fee` faulted: card refused",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee (faulted)",
            "Turn down",
            "Shred card (nothing to undo)",
            "Pay back fee (undid `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n7/1", "n9/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "rollback::a_fault_leads_back", flow()).await;
}

/// A step that reports no effect is not undone.
pub async fn what_was_not_done_is_not_undone(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", Act::NotDone).answer("n5", "No"),
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee (not done)",
            "Print card",
            "Card good?",
            "Turn down",
            "Shred card (undid `Print card`)",
            "Pay back fee (nothing to undo)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n4/1", "n7/1", "n8/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "rollback::what_was_not_done_is_not_undone", flow()).await;
}

/// A compensation has its own policy.
pub async fn a_compensation_is_tried_again(engine: &impl Engine) {
    let retry = Retry::max_retries(2).initial_delay(Duration::from_millis(5));
    let expected = Expected {
        script: Script::default().answer("n5", "No").at_first("n9", 2, Act::Fault("line busy".to_owned())),
        policies: Policies { retries: vec![(Node::PayBackFee.into(), retry)], ..Policies::default() },
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: UNDONE,
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n8/1", "n9/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "rollback::a_compensation_is_tried_again", flow()).await;
}

/// The current step is finished, and then undone together with the others.
pub async fn cancelled_a_run_rolls_back(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", Act::Pause),
        interruption: Some(Interruption::Cancel),
        outcome: "rolled back: cancelled",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee",
            "Turn down",
            "Shred card (nothing to undo)",
            "Pay back fee (undid `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n3/1", "n7/1", "n9/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "rollback::cancelled_a_run_rolls_back", flow()).await;
}

//! Panics in user code are faults whose effect is unknown.

use std::time::Duration;

use flowgen::{Retry, Scope};

use crate::engine::{Engine, Policies};
use crate::expected::Expected;
use crate::flows::{decisions, fork, message, rollback};
use crate::script::{Act, Script};

fn panic(text: &str) -> Act {
    Act::Panic(text.to_owned())
}

/// The step is retried, and then undone together with the others.
pub async fn in_a_step(engine: &impl Engine) {
    let retry = Retry::max_retries(1).initial_delay(Duration::from_millis(5));
    let policies = Policies { retries: vec![(Scope::All, retry)], ..Policies::default() };
    let retried = Expected {
        script: Script::default().at_first("n3", 1, panic("a bug")),
        policies: policies.clone(),
        outcome: "completed at Member",
        path: &["Asked to join", "Reserve locker", "Charge fee", "Print card", "Card good?", "Member"],
        did: &["n2/1", "n3/1", "n4/1"],
        ..Expected::default()
    };
    retried.check(engine, "panics::retried", rollback::flow()).await;
    let undone = Expected {
        script: Script::default().at("n3", panic("a bug")),
        policies,
        outcome: "rolled back: `Charge fee` faulted: panicked: a bug",
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
    undone.check(engine, "panics::undone", rollback::flow()).await;
}

/// A decision can panic like a step.
pub async fn in_a_decision(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", panic("a bug")),
        outcome: "failed: `How good?` faulted: panicked: a bug",
        path: &["Loan wanted", "Look at income", "How good? (faulted)"],
        did: &["n2/1"],
        ..Expected::default()
    };
    expected.check(engine, "panics::in_a_decision", decisions::flow()).await;
}

/// The step that the compensation undoes is stuck, and the others are undone.
pub async fn in_a_compensation(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().answer("n5", "No").at("n9", panic("a bug")),
        outcome: "stuck: `Card good?` led to `Turn down`; pending undos: `Charge fee` (panicked: a bug)",
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
        ],
        did: &["n2/1", "n3/1", "n4/1", "n7/1", "n8/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "panics::in_a_compensation", rollback::flow()).await;
}

/// All branches are undone.
pub async fn in_a_branch(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n8", panic("a bug")).at("n5", Act::NotDone),
        outcome: "rolled back: `Air room` faulted: panicked: a bug",
        path: &[
            "Trip wanted",
            "Look for both",
            "Hold seat (not done)",
            "Hold room",
            "Air room (faulted)",
            "Give up room (undid `Hold room`)",
        ],
        did: &["n2/1", "n7/1", "n9/1"],
        any_order: true,
        ..Expected::default()
    };
    expected.check(engine, "panics::in_a_branch", fork::flow()).await;
}

/// The sender continues.
pub async fn in_a_message(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n5", panic("a bug")),
        outcome: "completed at GuestHasTheKey",
        path: &["Guest came", "Check in", "Hand over key", "Guest has the key"],
        did: &["n2/1", "n3/1"],
        messages: &["failed: `Strike room off` faulted: panicked: a bug"],
        ..Expected::default()
    };
    expected.check(engine, "panics::in_a_message", message::flow()).await;
}

//! Attempts whose effect is unknown, and the facts about a visit that steps are passed.

use std::time::Duration;

use flowgen::Retry;

use crate::engine::{Engine, Interruption, Policies};
use crate::expected::Expected;
use crate::flows::rollback::{drawing::Node, flow};
use crate::script::{Act, Script};

/// Allows this many retries of `Charge fee`.
fn retries(times: usize) -> Policies {
    let retry = Retry::max_retries(times)
        .initial_delay(Duration::from_millis(5))
        .max_delay(Duration::from_millis(10));
    Policies { retries: vec![(Node::ChargeFee.into(), retry)], ..Policies::default() }
}

fn bank_is_silent() -> Act {
    Act::Fault("no answer from the bank".to_owned())
}

fn breaker_is_open() -> Act {
    Act::FaultNotDone("breaker open".to_owned())
}

/// `Charge fee` finally reports that it was not done, and `Card good?` is answered with no.
fn in_doubt(script: Script, policies: Policies) -> Expected {
    Expected {
        script: script.at("n3", Act::NotDone).answer("n5", "No"),
        policies,
        outcome: "rolled back: `Card good?` led to `Turn down`",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee (in doubt)",
            "Print card",
            "Card good?",
            "Turn down",
            "Shred card (undid `Print card`)",
            "Pay back fee (undid `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n4/1", "n7/1", "n8/1", "n9/1", "n10/1"],
        ..Expected::default()
    }
}

/// The first attempt may have charged the fee, whatever the second one reports.
pub async fn not_done_after_a_fault_is_not_believed(engine: &impl Engine) {
    let expected = in_doubt(Script::default().at_first("n3", 1, bank_is_silent()), retries(1));
    expected.check(engine, "doubt::not_done_after_a_fault_is_not_believed", flow()).await;
}

/// The same holds for an attempt that timed out.
pub async fn not_done_after_a_timeout_is_not_believed(engine: &impl Engine) {
    let mut policies = retries(1);
    policies.timeouts.push((Node::ChargeFee.into(), Duration::from_millis(200)));
    let expected = in_doubt(Script::default().at_first("n3", 1, Act::Hang), policies);
    expected.check(engine, "doubt::not_done_after_a_timeout_is_not_believed", flow()).await;
}

/// The same holds for an attempt that a crash interrupted.
pub async fn not_done_after_a_crash_is_not_believed(engine: &impl Engine) {
    let expected = Expected {
        interruption: Some(Interruption::Crash),
        ..in_doubt(Script::default().at_first("n3", 1, Act::Pause), Policies::default())
    };
    expected.check(engine, "doubt::not_done_after_a_crash_is_not_believed", flow()).await;
}

/// A step is not undone if all of its attempts report that they had no effect. It is undone if one of these
/// reports can't be trusted.
pub async fn faults_that_did_nothing_owe_nothing(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", breaker_is_open()),
        policies: retries(2),
        outcome: "rolled back: `Charge fee` faulted: breaker open",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee (faulted)",
            "Turn down",
            "Shred card (nothing to undo)",
            "Pay back fee (nothing to undo)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n7/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "doubt::faults_that_did_nothing_owe_nothing", flow()).await;
    let believed = Expected {
        script: Script::default()
            .at_first("n3", 1, breaker_is_open())
            .at("n3", Act::NotDone)
            .answer("n5", "No"),
        policies: retries(1),
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
    believed.check(engine, "doubt::a_visit_that_did_nothing_is_believed", flow()).await;
}

/// The result if `Charge fee` faults, and one of its attempts may have charged the fee.
fn undone_after_faults(script: Script) -> Expected {
    Expected {
        script,
        policies: retries(2),
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
    }
}

/// The position of that attempt does not matter.
pub async fn one_fault_that_may_have_done_it_is_enough(engine: &impl Engine) {
    let first = Script::default().at_first("n3", 1, bank_is_silent()).at("n3", breaker_is_open());
    let outcome = "rolled back: `Charge fee` faulted: breaker open";
    let expected = Expected { outcome, ..undone_after_faults(first) };
    expected.check(engine, "doubt::the_first_may_have_done_it", flow()).await;
    let last = Script::default().at_first("n3", 2, breaker_is_open()).at("n3", bank_is_silent());
    let outcome = "rolled back: `Charge fee` faulted: no answer from the bank";
    let expected = Expected { outcome, ..undone_after_faults(last) };
    expected.check(engine, "doubt::the_last_may_have_done_it", flow()).await;
}

/// If a run is cancelled after a crash, the interrupted step is undone instead of executed again.
pub async fn what_was_interrupted_is_not_tried_again(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", Act::Pause),
        interruption: Some(Interruption::CrashAndCancel),
        outcome: "rolled back: cancelled",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee (in doubt)",
            "Turn down",
            "Shred card (nothing to undo)",
            "Pay back fee (undid `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n7/1", "n9/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "doubt::what_was_interrupted_is_not_tried_again", flow()).await;
}

/// After a crash the step still has all its retries.
pub async fn crashes_use_up_no_retries(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at_first("n3", 1, Act::Pause).at_first("n3", 3, bank_is_silent()),
        policies: retries(2),
        interruption: Some(Interruption::Crash),
        outcome: "completed at Member",
        path: &["Asked to join", "Reserve locker", "Charge fee", "Print card", "Card good?", "Member"],
        did: &["n2/1", "n3/1", "n4/1"],
        ..Expected::default()
    };
    expected.check(engine, "doubt::crashes_use_up_no_retries", flow()).await;
}

/// A step can act differently in its last attempt.
pub async fn the_last_attempt_is_told(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", Act::FaultUnlessLast("not yet".to_owned())),
        policies: retries(2),
        outcome: "completed at Member",
        path: &["Asked to join", "Reserve locker", "Charge fee", "Print card", "Card good?", "Member"],
        did: &["n2/1", "n3/1", "n4/1"],
        ..Expected::default()
    };
    expected.check(engine, "doubt::the_last_attempt_is_told", flow()).await;
}

/// Every step of a rollback is passed the fault that caused it.
pub async fn the_fault_is_told(engine: &impl Engine) {
    let expected = Expected {
        outcome: "rolled back: `Charge fee` faulted: no answer from the bank",
        policies: Policies::default(),
        causes: &[
            "n7: `Charge fee` faulted: no answer from the bank",
            "n9: `Charge fee` faulted: no answer from the bank",
            "n10: `Charge fee` faulted: no answer from the bank",
        ],
        ..undone_after_faults(Script::default().at("n3", bank_is_silent()).noting_causes())
    };
    expected.check(engine, "doubt::the_fault_is_told", flow()).await;
}

/// The same holds for a rollback that an edge leads to.
pub async fn the_arrow_is_told(engine: &impl Engine) {
    let expected = Expected {
        causes: &[
            "n7: `Card good?` led to `Turn down`",
            "n8: `Card good?` led to `Turn down`",
            "n9: `Card good?` led to `Turn down`",
            "n10: `Card good?` led to `Turn down`",
        ],
        ..in_doubt(Script::default().at_first("n3", 1, bank_is_silent()).noting_causes(), retries(1))
    };
    expected.check(engine, "doubt::the_arrow_is_told", flow()).await;
}

/// The same holds for a run that was cancelled.
pub async fn the_cancel_is_told(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n2", Act::Pause).noting_causes(),
        interruption: Some(Interruption::Cancel),
        outcome: "rolled back: cancelled",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Turn down",
            "Shred card (nothing to undo)",
            "Pay back fee (nothing to undo)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n7/1", "n10/1"],
        causes: &["n7: cancelled", "n10: cancelled"],
        ..Expected::default()
    };
    expected.check(engine, "doubt::the_cancel_is_told", flow()).await;
}

/// The cause is saved with the run.
pub async fn a_crash_forgets_no_cause(engine: &impl Engine) {
    let expected = Expected {
        interruption: Some(Interruption::Crash),
        policies: Policies::default(),
        outcome: "rolled back: `Charge fee` faulted: no answer from the bank",
        causes: &[
            "n7: `Charge fee` faulted: no answer from the bank",
            "n9: `Charge fee` faulted: no answer from the bank",
            "n10: `Charge fee` faulted: no answer from the bank",
        ],
        ..undone_after_faults(
            Script::default().at("n3", bank_is_silent()).at("n9", Act::Pause).noting_causes(),
        )
    };
    expected.check(engine, "doubt::a_crash_forgets_no_cause", flow()).await;
}

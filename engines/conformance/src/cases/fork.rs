//! Branches that run concurrently.

use crate::engine::Engine;
use crate::expected::Expected;
use crate::flows::fork::flow;
use crate::script::{Act, Script};

/// Both branches join, and their contexts are merged in the order drawn.
pub async fn branches_meet(engine: &impl Engine) {
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
        ..Expected::default()
    };
    expected.check(engine, "fork::branches_meet", flow()).await;
}

/// A fault after the first step of a branch undoes the steps of both branches.
pub async fn a_fault_in_a_branch_undoes_all(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", Act::Fault("no paper".to_owned())),
        outcome: "rolled back: `Write itinerary` faulted: no paper",
        path: &[
            "Trip wanted",
            "Look for both",
            "Hold seat",
            "Hold room",
            "Air room",
            "Write itinerary (faulted)",
            "Give up room (undid `Hold room`)",
            "Give up seat (undid `Hold seat`)",
        ],
        did: &["n2/1", "n5/1", "n6/1", "n7/1", "n8/1", "n9/1"],
        any_order: true,
        ..Expected::default()
    };
    expected.check(engine, "fork::a_fault_behind_the_join", flow()).await;
    let expected = Expected {
        script: Script::default().at("n8", Act::Fault("window stuck".to_owned())).at("n5", Act::NotDone),
        outcome: "rolled back: `Air room` faulted: window stuck",
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
    expected.check(engine, "fork::a_fault_in_a_branch", flow()).await;
}

/// A branch that reports no effect is not undone when the other one faults.
pub async fn a_branch_that_did_nothing_owes_nothing(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n7", Act::NotDone).at("n3", Act::Fault("no paper".to_owned())),
        outcome: "rolled back: `Write itinerary` faulted: no paper",
        path: &[
            "Trip wanted",
            "Look for both",
            "Hold seat",
            "Hold room (not done)",
            "Air room",
            "Write itinerary (faulted)",
            "Give up seat (undid `Hold seat`)",
        ],
        did: &["n2/1", "n5/1", "n8/1", "n6/1"],
        any_order: true,
        ..Expected::default()
    };
    expected.check(engine, "fork::a_branch_that_did_nothing_owes_nothing", flow()).await;
}

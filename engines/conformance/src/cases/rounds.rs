//! A loop and its bound.

use crate::engine::Engine;
use crate::expected::Expected;
use crate::flows::rounds::flow;
use crate::script::{Act, Script};

/// Three passes, with a bound of four.
pub async fn goes_round_as_often_as_it_must(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().rounds(3),
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
    expected.check(engine, "rounds::goes_round_as_often_as_it_must", flow()).await;
}

/// A fifth pass, with a bound of four, faults. All four passes are undone, the last one first.
pub async fn faults_past_its_bound(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().rounds(9),
        outcome: "rolled back: `Grind grain` faulted: the loop `up to 4 times` has made all its 4 passes",
        path: &[
            "Grain came",
            "Grind grain",
            "Fine enough?",
            "Grind grain",
            "Fine enough?",
            "Grind grain",
            "Fine enough?",
            "Grind grain",
            "Fine enough?",
            "Grind grain (faulted)",
            "Sweep up (undid `Grind grain`)",
            "Sweep up (undid `Grind grain`)",
            "Sweep up (undid `Grind grain`)",
            "Sweep up (undid `Grind grain`)",
        ],
        did: &["n2/1", "n2/2", "n2/3", "n2/4", "n6/1", "n6/2", "n6/3", "n6/4"],
        ..Expected::default()
    };
    expected.check(engine, "rounds::faults_past_its_bound", flow()).await;
}

/// Each pass has an entry in the ledger.
pub async fn undoes_every_round(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().rounds(2).at("n4", Act::Fault("no sacks".to_owned())),
        outcome: "rolled back: `Fill sacks` faulted: no sacks",
        path: &[
            "Grain came",
            "Grind grain",
            "Fine enough?",
            "Grind grain",
            "Fine enough?",
            "Fill sacks (faulted)",
            "Sweep up (undid `Grind grain`)",
            "Sweep up (undid `Grind grain`)",
        ],
        did: &["n2/1", "n2/2", "n6/1", "n6/2"],
        ..Expected::default()
    };
    expected.check(engine, "rounds::undoes_every_round", flow()).await;
}

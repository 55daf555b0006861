//! Decisions.

use crate::engine::Engine;
use crate::expected::Expected;
use crate::flows::decisions::flow;
use crate::script::{Act, Script};

/// Every outcome leads along its edge.
pub async fn each_outcome_is_a_way(engine: &impl Engine) {
    let good = Expected {
        outcome: "completed at Lent",
        path: &["Loan wanted", "Look at income", "How good?", "Pay out", "Lent"],
        did: &["n2/1", "n4/1"],
        ..Expected::default()
    };
    good.check(engine, "decisions::good", flow()).await;
    let fair = Expected {
        script: Script::default().answer("n3", "Fair"),
        outcome: "completed at Lent",
        path: &[
            "Loan wanted",
            "Look at income",
            "How good?",
            "Ask for a guarantee",
            "Guaranteed?",
            "Pay out",
            "Lent",
        ],
        did: &["n2/1", "n6/1", "n4/1"],
        ..Expected::default()
    };
    fair.check(engine, "decisions::fair", flow()).await;
    let unguaranteed = Expected {
        script: Script::default().answer("n3", "Fair").answer("n7", "No"),
        outcome: "completed at Refused",
        path: &[
            "Loan wanted",
            "Look at income",
            "How good?",
            "Ask for a guarantee",
            "Guaranteed?",
            "Refused",
        ],
        did: &["n2/1", "n6/1"],
        ..Expected::default()
    };
    unguaranteed.check(engine, "decisions::unguaranteed", flow()).await;
    let poor = Expected {
        script: Script::default().answer("n3", "Poor"),
        outcome: "completed at Refused",
        path: &["Loan wanted", "Look at income", "How good?", "Refused"],
        did: &["n2/1"],
        ..Expected::default()
    };
    poor.check(engine, "decisions::poor", flow()).await;
}

/// A decision can fault like a step.
pub async fn a_decision_that_faults_fails_the_run(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", Act::Fault("no answer".to_owned())),
        outcome: "failed: `How good?` faulted: no answer",
        path: &["Loan wanted", "Look at income", "How good? (faulted)"],
        did: &["n2/1"],
        ..Expected::default()
    };
    expected.check(engine, "decisions::a_decision_that_faults_fails_the_run", flow()).await;
}

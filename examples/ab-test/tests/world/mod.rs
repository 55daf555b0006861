//! Experiments of which the end is known.

#![allow(dead_code, reason = "each test takes what it needs")]

use ab_test::plan::{Better, Draft, Expected, Guardrail, Kind, Metric, Plan, Primary};
use ab_test::trial::{Effect, Shape, Simulated};

/// A draft with a metric of each part: a rate that decides, a mean beside it, and a guardrail.
pub fn draft() -> Draft {
    Draft {
        name: "button".to_owned(),
        salt: "button-1".to_owned(),
        share_of_b: 0.5,
        alpha: 0.05,
        power: 0.8,
        looks: 3,
        primary: Primary {
            name: "bought".to_owned(),
            better: Better::Higher,
            effect: 0.1,
            covariate: None,
            expected: Expected::Rate { baseline: 0.3 },
        },
        secondary: vec![Metric::new("revenue", Kind::Mean, Better::Higher)],
        guardrails: vec![Guardrail {
            name: "failed".to_owned(),
            kind: Kind::Rate,
            better: Better::Lower,
            tolerance: 0.02,
            covariate: None,
        }],
    }
}

/// A plan with nothing but a primary metric.
pub fn plan(expected: Expected, effect: f64, looks: u16) -> Plan {
    let primary = Primary { effect, expected, ..draft().primary };
    Draft { primary, looks, secondary: Vec::new(), guardrails: Vec::new(), ..draft() }.freeze().unwrap()
}

/// Users of whom 30 % buy with A, and this share with B.
pub fn users(bought_in_b: f64) -> Simulated {
    users_failing(bought_in_b, 0.01)
}

/// The same, of whom this share fails with B, and one in a hundred with A.
pub fn users_failing(bought_in_b: f64, failed_in_b: f64) -> Simulated {
    let revenue = |mean: f64| Shape::Normal { mean, deviation: 4.0 };
    Simulated::new(
        7,
        vec![
            Effect { a: Shape::Rate(0.3), b: Shape::Rate(bought_in_b) },
            Effect { a: revenue(9.0), b: revenue(30.0 * bought_in_b) },
            Effect { a: Shape::Rate(0.01), b: Shape::Rate(failed_in_b) },
        ],
    )
}

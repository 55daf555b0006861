//! A sequence of steps: faults, retries, timeouts.

use std::time::Duration;

use flowgen::{Retry, Scope};

use crate::engine::{Ability, Engine, Policies};
use crate::expected::Expected;
use crate::flows::straight::{drawing::Node, flow};
use crate::script::{Act, Script};

fn retries(scope: impl Into<Scope>, times: usize) -> Policies {
    let retry = Retry::max_retries(times)
        .initial_delay(Duration::from_millis(5))
        .max_delay(Duration::from_millis(10));
    Policies { retries: vec![(scope.into(), retry)], ..Policies::default() }
}

fn goods_break() -> Act {
    Act::Fault("the box fell".to_owned())
}

/// All steps succeed.
pub async fn goes_through(engine: &impl Engine) {
    let expected = Expected {
        outcome: "completed at Delivered",
        path: &["Ordered", "Accept order", "Pack goods", "Deliver parcel", "Delivered"],
        did: &["n2/1", "n3/1", "n4/1"],
        ..Expected::default()
    };
    expected.check(engine, "straight::goes_through", flow()).await;
}

/// A fault without pending undos.
pub async fn a_fault_fails_the_run(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n3", goods_break()),
        outcome: "failed: `Pack goods` faulted: the box fell",
        path: &["Ordered", "Accept order", "Pack goods (faulted)"],
        did: &["n2/1"],
        ..Expected::default()
    };
    expected.check(engine, "straight::a_fault_fails_the_run", flow()).await;
}

/// A step succeeds in its third attempt.
pub async fn retries_until_it_works(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at_first("n3", 2, goods_break()),
        policies: retries(Scope::All, 3),
        outcome: "completed at Delivered",
        path: &["Ordered", "Accept order", "Pack goods", "Deliver parcel", "Delivered"],
        did: &["n2/1", "n3/1", "n4/1"],
        ..Expected::default()
    };
    expected.check(engine, "straight::retries_until_it_works", flow()).await;
}

/// A step that would succeed in its third attempt has only two.
pub async fn gives_up_after_its_retries(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at_first("n3", 2, goods_break()),
        policies: retries(Node::PackGoods, 1),
        outcome: "failed: `Pack goods` faulted: the box fell",
        path: &["Ordered", "Accept order", "Pack goods (faulted)"],
        did: &["n2/1"],
        ..Expected::default()
    };
    expected.check(engine, "straight::gives_up_after_its_retries", flow()).await;
}

/// A fault that the policy does not accept is final at once.
pub async fn retries_only_what_its_policy_allows(engine: &impl Engine) {
    let retry = Retry::max_retries(3)
        .initial_delay(Duration::from_millis(5))
        .retry_if(|fault| fault.to_string() == "busy");
    let policies = Policies { retries: vec![(Scope::All, retry)], ..Policies::default() };
    let expected = Expected {
        script: Script::default().at_first("n2", 1, Act::Fault("busy".to_owned())).at_first(
            "n3",
            1,
            goods_break(),
        ),
        policies,
        abilities: vec![Ability::RetryWhen],
        outcome: "failed: `Pack goods` faulted: the box fell",
        path: &["Ordered", "Accept order", "Pack goods (faulted)"],
        did: &["n2/1"],
        ..Expected::default()
    };
    expected.check(engine, "straight::retries_only_what_its_policy_allows", flow()).await;
}

/// A timeout ends an attempt that never ends, and the next attempt succeeds.
pub async fn a_step_that_takes_too_long_faults(engine: &impl Engine) {
    let mut policies = retries(Scope::All, 1);
    policies.timeouts.push((Node::PackGoods.into(), Duration::from_millis(200)));
    let expected = Expected {
        script: Script::default().at_first("n3", 1, Act::Hang),
        policies,
        outcome: "completed at Delivered",
        path: &["Ordered", "Accept order", "Pack goods", "Deliver parcel", "Delivered"],
        did: &["n2/1", "n3/1", "n4/1"],
        ..Expected::default()
    };
    expected.check(engine, "straight::a_step_that_takes_too_long_faults", flow()).await;
}

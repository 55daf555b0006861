//! Changes of a failed attempt to the context are discarded.

use std::time::Duration;

use flowgen::{Retry, Scope};

use crate::engine::{Engine, Policies};
use crate::expected::Expected;
use crate::flows::{rollback, straight};
use crate::script::{Act, Script};

fn changes() -> Act {
    Act::ChangeAndFault("the box fell".to_owned())
}

/// The third attempt does not see the changes of the first two.
pub async fn a_retry_sees_the_context_from_before(engine: &impl Engine) {
    let retry = Retry::max_retries(2).initial_delay(Duration::from_millis(5));
    let expected = Expected {
        script: Script::default().at_first("n3", 2, changes()),
        policies: Policies { retries: vec![(Scope::All, retry)], ..Policies::default() },
        outcome: "completed at Delivered",
        path: &["Ordered", "Accept order", "Pack goods", "Deliver parcel", "Delivered"],
        did: &["n2/1", "n3/1", "n4/1"],
        ..Expected::default()
    };
    expected.check(engine, "discard::a_retry_sees_the_context_from_before", straight::flow()).await;
}

/// The last attempt changes nothing either, and neither does a compensation that faults.
pub async fn a_rollback_sees_the_context_from_before(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n4", changes()).at("n8", changes()),
        outcome: "stuck: `Print card` faulted: the box fell; pending undos: `Print card` (the box fell)",
        path: &[
            "Asked to join",
            "Reserve locker",
            "Charge fee",
            "Print card (faulted)",
            "Turn down",
            "Shred card (could not undo `Print card`)",
            "Pay back fee (undid `Charge fee`)",
            "Free locker (undid `Reserve locker`)",
            "Turned down",
        ],
        did: &["n2/1", "n3/1", "n7/1", "n9/1", "n10/1"],
        ..Expected::default()
    };
    expected.check(engine, "discard::a_rollback_sees_the_context_from_before", rollback::flow()).await;
}

//! Messages, which their senders do not wait for.

use crate::engine::Engine;
use crate::expected::Expected;
use crate::flows::message::flow;
use crate::script::{Act, Script};

/// The message ends independently, and the run does not wait for it.
pub async fn a_message_is_a_run_of_its_own(engine: &impl Engine) {
    let expected = Expected {
        outcome: "completed at GuestHasTheKey",
        path: &["Guest came", "Check in", "Hand over key", "Guest has the key"],
        did: &["n2/1", "n3/1"],
        messages: &["completed at ListIsRight"],
        ..Expected::default()
    };
    expected.check(engine, "message::a_message_is_a_run_of_its_own", flow()).await;
}

/// The sender continues.
pub async fn a_fault_of_a_message_stays_its_own(engine: &impl Engine) {
    let expected = Expected {
        script: Script::default().at("n5", Act::Fault("list lost".to_owned())),
        outcome: "completed at GuestHasTheKey",
        path: &["Guest came", "Check in", "Hand over key", "Guest has the key"],
        did: &["n2/1", "n3/1"],
        messages: &["failed: `Strike room off` faulted: list lost"],
        ..Expected::default()
    };
    expected.check(engine, "message::a_fault_of_a_message_stays_its_own", flow()).await;
}

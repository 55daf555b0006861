//! flowgen under another name.

use crate::drawings;
use crate::probe::{CHECKOUT, Probe};

#[test]
fn the_dependency_may_be_renamed() {
    let saga = drawings::order_saga();
    let lib = format!(
        "#![deny(warnings)]\npub mod inline {{ workflows::flow! {{\n{0}}} }}\npub mod quoted {{ workflows::flow!(r#\"{0}\"#); }}\npub mod file {{ workflows::flow!(\"flow/saga.fz\"); }}\n",
        saga.text
    );
    let dependencies =
        format!("[dependencies]\nworkflows = {{ package = \"flowgen\", path = {CHECKOUT:?} }}\n");
    let probe =
        Probe::new("renamed", &dependencies).with("flow/saga.fz", &saga.text).with("src/lib.rs", &lib);
    probe.cargo(["check", "--quiet"]).well();
}

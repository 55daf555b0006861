//! flowgen under another name.

use flowgen_codegen::Settings;
use flowgen_codegen::format::crate_path;

use crate::drawings;
use crate::probe::{CHECKOUT, Probe};

const BUILD: &str = r#"
fn main() -> Result<(), workflows::build::Error> {
    workflows::build::flow("flow/order_saga.fz").crate_path("::workflows").compile()
}
"#;

#[test]
fn the_dependency_may_be_renamed() {
    let saga = drawings::order_saga();
    let lib = format!(
        "#![deny(warnings)]\n#![allow(deprecated, reason = \"the drawing has a warning\")]\npub mod inline {{ workflows::flow! {{\n{0}}} }}\npub mod quoted {{ workflows::flow!(r#\"{0}\"#); }}\npub mod file {{ workflows::flow!(\"flow/order_saga.fz\"); }}\npub mod built {{ include!(concat!(env!(\"OUT_DIR\"), \"/order_saga.rs\")); }}\npub mod written;\n",
        saga.text
    );
    let settings = Settings { runtime: crate_path("::workflows").unwrap(), ..Settings::default() };
    let dependencies = format!(
        "[dependencies]\nworkflows = {{ package = \"flowgen\", path = {CHECKOUT:?} }}\n\n[build-dependencies]\nworkflows = {{ package = \"flowgen\", path = {CHECKOUT:?}, features = [\"build\"] }}\n"
    );
    let probe = Probe::new("renamed", &dependencies)
        .with("flow/order_saga.fz", &saga.text)
        .with("build.rs", BUILD)
        .with("src/written.rs", &saga.written_with(&settings))
        .with("src/lib.rs", &lib);
    probe.cargo(["check", "--quiet"]).well();
}

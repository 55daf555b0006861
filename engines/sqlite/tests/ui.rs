//! What rustc reports when a flow does not fit: each lane once.
//!
//! The `.stderr` files hold the words of one compiler. To write them anew, read each, and run with
//! `TRYBUILD=overwrite`.

#![allow(clippy::expect_used)]

use std::process::Command;

/// The compiler that wrote the `.stderr` files.
const COMPILER: &str = "rustc 1.95.0";

#[test]
fn each_unmet_lane_is_reported_once() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let compiler = String::from_utf8_lossy(&output.stdout);
    if compiler.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
    } else {
        println!("skipped: the expected messages are those of {COMPILER}, and this is {compiler}");
    }
}

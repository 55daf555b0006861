//! What users read when something is wrong: drawings and lanes that must not compile.
//!
//! The `.stderr` files hold the words of one compiler. With another one the messages differ in ways
//! that are not flowgen's, so the failing cases are skipped there, and the test says so. To write
//! them anew, read each, and run with `TRYBUILD=overwrite`.

#![allow(clippy::expect_used)]

use std::process::Command;

/// The compiler that wrote the `.stderr` files.
const COMPILER: &str = "rustc 1.95.0";

#[test]
fn complete_flows_compile() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}

#[test]
fn incomplete_flows_do_not_compile() {
    let compiler = compiler();
    if compiler.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
    } else {
        println!("skipped: the expected messages are those of {COMPILER}, and this is {compiler}");
    }
}

fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

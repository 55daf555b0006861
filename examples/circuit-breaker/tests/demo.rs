//! The program, as it is called: a real service, real sockets, real time.

#![cfg(feature = "demo")]

use std::process::Command;

#[test]
fn it_opens_and_closes_again() {
    let output = Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")))).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let mut rest = &*said;
    for change in [
        "the service fails",
        "from=closed to=open",
        "from=open to=half open",
        "from=half open to=open",
        "the service recovers",
        "from=open to=half open",
        "from=half open to=closed",
        "were rejected",
    ] {
        let at = rest.find(change).unwrap_or_else(|| panic!("no `{change}` in its place: {said}"));
        rest = &rest[at + change.len()..];
    }
}

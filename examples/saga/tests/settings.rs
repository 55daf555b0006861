//! Settings that are wrong are named.

use std::io::Write as _;
use std::process::Command;

/// What the service says to a file of settings, or to a variable.
fn says(file: &str, variable: Option<(&str, &str)>) -> String {
    let mut settings = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    settings.write_all(file.as_bytes()).unwrap();
    let mut service = Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))));
    let service = service.args(["serve", "--settings"]).arg(settings.path()).envs(variable).output().unwrap();
    assert!(!service.status.success(), "settings that are wrong were taken");
    String::from_utf8(service.stderr).unwrap()
}

#[test]
fn an_unknown_key_is_refused() {
    let said = says("lisen = \"127.0.0.1:0\"", None);
    assert!(said.contains("unknown field `lisen`"), "{said}");
}

#[test]
fn a_value_of_the_wrong_type() {
    let said = says("[retry]\ntimes = \"often\"", None);
    assert!(said.contains("retry.times"), "{said}");
}

#[test]
fn a_value_that_makes_no_sense() {
    let said = says("", Some(("SHOP__RETRY__TIMEOUT_MS", "0")));
    assert!(said.contains("`retry.timeout_ms` has to be at least 1"), "{said}");
}

#[test]
#[cfg(not(feature = "temporal"))]
fn a_server_for_a_program_that_can_not_use_one() {
    let said = says("[temporal]", None);
    assert!(said.contains("`temporal` wants a program that is built with `--features temporal`"), "{said}");
}

#[test]
#[cfg(feature = "temporal")]
fn a_server_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("folder = {:?}\n[temporal]\nurl = \"http://127.0.0.1:9\"", folder.path());
    let said = says(&file, None);
    assert!(said.contains("127.0.0.1:9"), "{said}");
}

#[test]
fn a_file_that_is_not_there() {
    let mut service = Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))));
    let service = service.args(["serve", "--settings", "no-such-file.toml"]).output().unwrap();
    let said = String::from_utf8(service.stderr).unwrap();
    assert!(!service.status.success() && said.contains("no-such-file.toml"), "{said}");
}

#[test]
fn marks_that_are_gone_too_early() {
    let said = says("keep_ended_secs = 10", None);
    assert!(said.contains("`keep_ended_secs` has to be more than twice `retry.timeout_ms`"), "{said}");
}

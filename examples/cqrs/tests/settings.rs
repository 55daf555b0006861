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
    let said = says("", Some(("BANK__RETRY__TIMEOUT_MS", "0")));
    assert!(said.contains("`retry.timeout_ms` has to be at least 1"), "{said}");
}

#[test]
fn a_file_that_is_not_there() {
    let mut service = Command::new(env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME"))));
    let service = service.args(["serve", "--settings", "no-such-file.toml"]).output().unwrap();
    let said = String::from_utf8(service.stderr).unwrap();
    assert!(!service.status.success() && said.contains("no-such-file.toml"), "{said}");
}

#[test]
fn a_wait_that_no_request_would_outlast() {
    let said = says("request_ms = 1000\n[queries]\nwait_ms = 1000", None);
    assert!(said.contains("`queries.wait_ms` has to be below `request_ms`"), "{said}");
}

#[test]
fn a_database_that_is_not_there() {
    let said = says("database = \"postgres://bank@127.0.0.1:1/bank\"", None);
    assert!(said.contains("the database can't be opened: Postgres failed: "), "{said}");
}

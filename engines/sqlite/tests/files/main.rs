//! Files that are in use, of others, older, newer, read-only, damaged, or of a drawing that was changed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changed;
mod damaged;
mod full;
mod in_use;
mod of_others;
mod refused;
#[path = "../shop/mod.rs"]
mod shop;

use std::path::Path;
use std::process::Command;

/// This program again, with only this test, which finds the folder in its environment.
fn again(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(FOLDER, folder);
    command
}

/// Where a test that runs in a process of its own finds its file.
const FOLDER: &str = "FLOWGEN_FILES_FOLDER";

/// Changes a file that nobody has open.
fn change(folder: &Path, sql: &str) {
    rusqlite::Connection::open(folder.join("runs.db")).unwrap().execute_batch(sql).unwrap();
}

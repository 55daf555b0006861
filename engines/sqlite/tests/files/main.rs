//! Files that are in use, of others, older, newer, read-only, damaged, or of a drawing that was changed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changed;
mod checksums;
mod damaged;
mod flipped;
mod full;
mod in_use;
mod interrupted;
mod of_others;
mod refused;
mod replaced;
#[path = "../shop/mod.rs"]
mod shop;
mod shrinking;

use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

/// This program again, with only this test, which finds the folder in its environment.
fn again(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(FOLDER, folder);
    command
}

/// Where a test that runs in a process of its own finds its file.
const FOLDER: &str = "FLOWGEN_FILES_FOLDER";

/// Changes a file that nobody has open, as a program would that writes to it: with the checksums of its rows.
fn change(folder: &Path, sql: &str) {
    let connection = damage(folder, sql);
    if connection.prepare("SELECT crc FROM runs").is_ok() {
        checksums::write_all(&connection);
    }
}

/// The same, and the checksums stay as they are.
fn damage(folder: &Path, sql: &str) -> Connection {
    let connection = Connection::open(folder.join("runs.db")).unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

//! Cargo as a user calls it, whatever the surroundings of this program say.

use std::path::Path;
use std::process::Command;

/// Variables that would change what is built, or where to, or have it come from a cache.
const FOREIGN: [&str; 7] = [
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_TARGET_DIR",
    "RUSTFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
];

/// A command of cargo in this folder.
pub(crate) fn cargo(command: &str, folder: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args([command, "--quiet"]).current_dir(folder).env("RUSTC_WRAPPER", "");
    for variable in FOREIGN {
        cargo.env_remove(variable);
    }
    cargo
}

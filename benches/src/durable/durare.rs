//! Durare, in a program of its own (`benches/durare`): it brings another version of SQLite's bindings, and a
//! program can link one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::load::Load;

/// Builds the program.
pub(crate) fn build() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = folder.join("target/durare");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]);
    cargo.arg(folder.join("durare/Cargo.toml")).arg("--target-dir").arg(&target);
    ensure!(cargo.status().context("cannot start cargo")?.success(), "durare's program can't be built");
    Ok(target.join("release/flowgen-bench-durare"))
}

/// The time of a load in a new file.
pub(crate) fn time(program: &Path, path: &Path, load: Load) -> Result<Duration> {
    let output = Command::new(program)
        .arg(path)
        .args([load.runs, load.at_once].map(|number| number.to_string()))
        .output()
        .with_context(|| format!("cannot start `{}`", program.display()))?;
    ensure!(output.status.success(), "durare's program: {}", String::from_utf8_lossy(&output.stderr));
    let nanoseconds = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}

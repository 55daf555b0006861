//! Embeds the crates in `examples/`, which `flowgen new PATTERN` writes.
//!
//! A published package has a copy of them in `patterns/`, which `.ci/package` creates. Cargo excludes folders with
//! a `Cargo.toml` from a package, so the copies of that file have another name.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders in `examples/`, in the order in which `flowgen list` lists the patterns.
const PATTERNS: &[&str] =
    &["saga", "rollback", "circuit-breaker", "api-gateway", "cqrs", "ab-test", "blue-green"];

/// The name of a pattern's `Cargo.toml` in a published package.
const PACKAGED_MANIFEST: &str = "Cargo.toml.packaged";

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let packaged = here.join("patterns");
    let examples = if packaged.exists() { packaged } else { here.join("../examples") }.canonicalize()?;
    // Cargo watches all files in the folder, including new ones.
    println!("cargo::rerun-if-changed={}", examples.display());
    let mut code = "/// The patterns, in the order in which they are listed.\n\
                    pub static PATTERNS: &[Pattern] = &[\n"
        .to_owned();
    for name in PATTERNS {
        write_pattern(&mut code, name, &examples.join(name))?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("patterns.rs"), code)?;
    Ok(())
}

fn write_pattern(code: &mut String, name: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))
        .or_else(|_| fs::read_to_string(folder.join(PACKAGED_MANIFEST)))?;
    let summary = summary(&manifest).ok_or_else(|| format!("no description in the manifest of `{name}`"))?;
    writeln!(code, "Pattern {{ name: {name:?}, summary: {summary:?},")?;
    let drawing = folder.join("flow").join(name).with_extension("fz");
    writeln!(code, "drawing: include_str!({:?}),", text(&drawing)?)?;
    writeln!(code, "sources: &[")?;
    for path in files(folder)? {
        let relative = text(path.strip_prefix(folder)?)?.replace('\\', "/");
        let relative = if relative == PACKAGED_MANIFEST { "Cargo.toml" } else { &relative };
        writeln!(code, "({relative:?}, include_str!({:?})),", text(&path)?)?;
    }
    writeln!(code, "] }},")?;
    Ok(())
}

/// Returns the description of a package, without its full stop.
fn summary(manifest: &str) -> Option<&str> {
    manifest.lines().find_map(|line| line.strip_prefix("description = \"")?.strip_suffix(".\""))
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("`{}` is not UTF-8", path.display()))
}

/// Returns all files in a folder and its subfolders, sorted, except those that cargo writes.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            let is_built = path == folder.join("target") || path == folder.join("Cargo.lock");
            if path.is_dir() && !is_built {
                folders.push(path);
            } else if !is_built {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

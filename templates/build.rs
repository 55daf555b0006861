//! Lists the files of every pattern, so that a file that is put into a pattern's folder is in the
//! crates that `flowgen new` writes.
//!
//! A pattern is a folder that holds its own drawing: `saga/flow/saga.fz`. What is in `shared/` is in
//! every pattern, and what is in `service/` in each that is a service, unless the pattern has its own.
//! [`TAKEN_OVER`] says what a pattern has of another.
//! `NAME.askama` is filled in and becomes `NAME`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// By the path in the new crate: the path in this one.
type Files = BTreeMap<String, String>;

/// The patterns that are services.
const SERVICES: &[&str] = &["api-gateway", "blue-green", "cqrs", "saga"];

/// What a pattern takes over from another: whose, and where it is. So that nothing is written twice.
const TAKEN_OVER: &[(&str, &str, &[&str])] =
    &[("api-gateway", "circuit-breaker", &["flow/", "src/circuit/"])];

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo looks into the folders as well: a file or a pattern that comes or goes runs this again.
    println!("cargo::rerun-if-changed=.");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let shared = files_of(&root, "shared")?;
    let service = files_of(&root, "service")?;
    let mut code = String::new();
    for pattern in patterns(&root)? {
        let mut files = shared.clone();
        if SERVICES.contains(&pattern.as_str()) {
            files.extend(service.clone());
        }
        for (_, from, folders) in TAKEN_OVER.iter().filter(|(to, ..)| *to == pattern) {
            let is_taken = |path: &String| folders.iter().any(|folder| path.starts_with(folder));
            files.extend(files_of(&root, from)?.into_iter().filter(|(path, _)| is_taken(path)));
        }
        files.extend(files_of(&root, &pattern)?);
        write_pattern(&mut code, &pattern.replace('-', "_"), &files)?;
    }
    fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("patterns.rs"), code)?;
    Ok(())
}

fn patterns(root: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut patterns = Vec::new();
    for entry in fs::read_dir(root)? {
        let name = text(Path::new(&entry?.file_name()))?;
        if root.join(&name).join("flow").join(&name).with_extension("fz").exists() {
            patterns.push(name);
        }
    }
    patterns.sort();
    Ok(patterns)
}

fn files_of(root: &Path, folder: &str) -> Result<Files, Box<dyn Error>> {
    let mut files = Files::new();
    let mut folders = vec![root.join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = text(path.strip_prefix(root.join(folder))?)?;
                let new = name.strip_suffix(".askama").unwrap_or(&name);
                files.insert(new.to_owned(), format!("{folder}/{name}"));
            }
        }
    }
    Ok(files)
}

fn text(path: &Path) -> Result<String, String> {
    let text = path.to_str().ok_or_else(|| format!("`{}` is not UTF-8", path.display()))?;
    Ok(text.replace('\\', "/"))
}

/// A function that makes the files of a pattern.
fn write_pattern(code: &mut String, name: &str, files: &Files) -> Result<(), Box<dyn Error>> {
    writeln!(code, "pub(crate) fn {name}(of: &Filling<'_>) -> Result<Vec<File>, Error> {{")?;
    writeln!(code, "    Ok(vec![")?;
    for (path, source) in files {
        let contents = if source.ends_with(".askama") { "filled!(of, " } else { "fixed!(" };
        writeln!(code, "        File::new({path:?}, {contents}{source:?})),")?;
    }
    writeln!(code, "    ])\n}}\n")?;
    Ok(())
}

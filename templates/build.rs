//! Lists the files of every pattern, so that a file that is put into a pattern's folder is in the
//! crates that `flowgen new` writes.
//!
//! A pattern is a folder that holds its own drawing: `saga/flow/saga.fz`. What is in `shared/` is in
//! every pattern, unless the pattern has its own. `NAME.askama` is filled in and becomes `NAME`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// By the path in the new crate: where the file comes from.
type Files = BTreeMap<String, PathBuf>;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let shared = files_below(&root.join("shared"))?;
    let mut code = String::new();
    for pattern in patterns(&root)? {
        let mut files = shared.clone();
        files.extend(files_below(&root.join(&pattern))?);
        write_pattern(&mut code, &pattern.replace('-', "_"), &root, &files)?;
    }
    fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("patterns.rs"), code)?;
    Ok(())
}

fn patterns(root: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut patterns = Vec::new();
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name().into_string().map_err(|name| format!("{name:?} is not UTF-8"))?;
        if root.join(&name).join("flow").join(&name).with_extension("fz").exists() {
            patterns.push(name);
        }
    }
    patterns.sort();
    Ok(patterns)
}

/// Cargo looks into the folder as well: a file that comes or goes runs this again.
fn files_below(folder: &Path) -> Result<Files, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name =
                    path.strip_prefix(folder)?.to_str().ok_or("a path is not UTF-8")?.replace('\\', "/");
                files.insert(name.strip_suffix(".askama").unwrap_or(&name).to_owned(), path);
            }
        }
    }
    Ok(files)
}

/// A function that makes the files of a pattern.
fn write_pattern(code: &mut String, name: &str, root: &Path, files: &Files) -> Result<(), Box<dyn Error>> {
    writeln!(code, "pub(crate) fn {name}(of: &Filling<'_>) -> Result<Vec<File>, Error> {{")?;
    writeln!(code, "    Ok(vec![")?;
    for (path, source) in files {
        let contents = if source.extension().is_some_and(|extension| extension == "askama") {
            let template =
                source.strip_prefix(root)?.to_str().ok_or("a path is not UTF-8")?.replace('\\', "/");
            format!("filled!(of, {template:?})")
        } else {
            format!("include_str!({source:?})")
        };
        writeln!(code, "        File::new({path:?}, {contents}),")?;
    }
    writeln!(code, "    ])\n}}\n")?;
    Ok(())
}

//! Where flowgen is, for a new crate to depend on.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;

/// The dependency of a crate in `folder` on flowgen, as its manifest names it.
///
/// `wanted` counts from the new crate, and is written as given, if flowgen is there; else it counts
/// from the current folder and is written in full, like the checkout that built this program.
pub(crate) fn dependency(folder: &Path, wanted: Option<&Path>) -> Result<String, Failure> {
    let path = match wanted {
        Some(path) if is_flowgen(&absolute(&folder.join(path))?) => path.to_owned(),
        Some(path) => existing(absolute(path)?, Failure::NoFlowgen)?,
        None => existing(built_from()?, Failure::CheckoutGone)?,
    };
    path.into_os_string().into_string().map_err(|path| Failure::PathNotUtf8(path.into()))
}

fn built_from() -> Result<PathBuf, Failure> {
    absolute(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
}

fn existing(path: PathBuf, failure: fn(PathBuf) -> Failure) -> Result<PathBuf, Failure> {
    if is_flowgen(&path) { Ok(path) } else { Err(failure(path)) }
}

fn is_flowgen(folder: &Path) -> bool {
    fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|manifest| manifest.lines().any(|line| line.trim() == "name = \"flowgen\""))
}

/// The path in full, without `.` and `..`. The folder need not exist, so symbolic links stay.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let full = std::path::absolute(path).map_err(|why| Failure::NotAPath { path: path.to_owned(), why })?;
    let mut out = PathBuf::new();
    for component in full.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_counts_from_the_new_crate_is_kept() {
        let folder = built_from().unwrap().join("examples/new/deep");
        assert_eq!(dependency(&folder, Some(Path::new("../../.."))).unwrap(), "../../..");
    }

    #[test]
    fn without_a_path_it_is_the_checkout_that_built_the_program() {
        let path = dependency(Path::new("anywhere"), None).unwrap();
        assert!(is_flowgen(Path::new(&path)) && Path::new(&path).is_absolute());
    }

    #[test]
    fn a_folder_without_flowgen_is_refused() {
        let elsewhere = tempfile::tempdir().unwrap();
        let found = dependency(Path::new("anywhere"), Some(elsewhere.path()));
        assert!(matches!(found, Err(Failure::NoFlowgen(_))));
    }
}

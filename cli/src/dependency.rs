//! The dependency on flowgen of a new crate.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use flowgen_templates::Source;

use crate::failure::Failure;

/// Determines the dependency on flowgen of a crate in `folder`.
///
/// A version and the address of a repository are used as they are. A path is written as given if it leads to
/// flowgen from the new crate. Otherwise it is resolved against the current folder and written as an absolute
/// path, like the checkout that built this program.
pub(crate) fn source(folder: &Path, wanted: Option<&OsStr>) -> Result<Source, Failure> {
    if let Some(elsewhere) = wanted.and_then(OsStr::to_str).and_then(elsewhere) {
        return Ok(elsewhere);
    }
    let path = match wanted.map(Path::new) {
        Some(path) if is_flowgen(&absolute(&folder.join(path))?) => path.to_owned(),
        Some(path) => existing(absolute(path)?, Failure::NoFlowgen)?,
        None => match built_from()? {
            checkout if is_flowgen(&checkout) => checkout,
            // Built by `cargo install` from the registry, which unpacks the packages of a workspace separately.
            package if is_in_registry(&package) => {
                return Ok(Source::Version(env!("CARGO_PKG_VERSION").to_owned()));
            }
            gone => return Err(Failure::CheckoutGone(gone)),
        },
    };
    let path = path.into_os_string().into_string().map_err(|path| Failure::PathNotUtf8(path.into()))?;
    Ok(Source::Path(path))
}

/// A version or a repository; `None` for a path.
fn elsewhere(wanted: &str) -> Option<Source> {
    if wanted.contains("://") || wanted.starts_with("git@") {
        let (url, rev) = wanted.split_once('#').map_or((wanted, None), |(url, rev)| (url, Some(rev)));
        let rev = rev.filter(|rev| !rev.is_empty()).map(str::to_owned);
        return Some(Source::Git { url: url.to_owned(), rev });
    }
    let number = wanted.trim_start_matches(['=', '^', '~']);
    let is_version = number.starts_with(|first: char| first.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
    is_version.then(|| Source::Version(wanted.to_owned()))
}

/// Whether this is below the folder where cargo unpacks packages of registries.
fn is_in_registry(package: &Path) -> bool {
    let parts: Vec<_> = package.iter().collect();
    parts.windows(2).any(|pair| pair == ["registry", "src"])
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

/// The absolute path, without `.` and `..`. The folder need not exist, so symbolic links are not resolved.
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
        let found = source(&folder, Some(OsStr::new("../../.."))).unwrap();
        assert_eq!(found, Source::Path("../../..".to_owned()));
    }

    #[test]
    fn without_a_path_it_is_the_checkout_that_built_the_program() {
        let Source::Path(path) = source(Path::new("anywhere"), None).unwrap() else { panic!("a path") };
        assert!(is_flowgen(Path::new(&path)) && Path::new(&path).is_absolute());
    }

    #[test]
    fn a_folder_without_flowgen_is_refused() {
        let elsewhere = tempfile::tempdir().unwrap();
        let found = source(Path::new("anywhere"), Some(elsewhere.path().as_os_str()));
        assert!(matches!(found, Err(Failure::NoFlowgen(_))));
    }

    #[test]
    fn versions_and_repositories_are_distinguished_from_paths() {
        let git =
            |url: &str, rev: Option<&str>| Source::Git { url: url.to_owned(), rev: rev.map(str::to_owned) };
        for version in ["0.1", "0.1.0", "=0.1.0", "^1", "1.0.0-rc.1"] {
            assert_eq!(elsewhere(version), Some(Source::Version(version.to_owned())), "{version}");
        }
        assert_eq!(elsewhere("https://a.b/c.git#v1"), Some(git("https://a.b/c.git", Some("v1"))));
        assert_eq!(elsewhere("git@a.b:c.git"), Some(git("git@a.b:c.git", None)));
        assert_eq!(elsewhere("https://a.b/c#"), Some(git("https://a.b/c", None)));
        for path in ["../flowgen", "./0.1", "flowgen", "/a/0.1", "C:\\flowgen", ""] {
            assert_eq!(elsewhere(path), None, "{path}");
        }
    }

    #[test]
    fn a_package_of_a_registry_is_known_by_its_folder() {
        assert!(is_in_registry(Path::new("/home/a/.cargo/registry/src/index.crates.io-1/flowgen-cli-0.1.0")));
        assert!(!is_in_registry(Path::new("/home/a/registry/flowgen")));
    }
}

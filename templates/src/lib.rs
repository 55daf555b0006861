//! The crates that `flowgen new` writes.
//!
//! A pattern is a folder in `examples/`, which the build script embeds. Its files are written unchanged, except
//! for the name and the dependencies of the new crate. The askama templates in `skeleton/` generate the crate for
//! any other drawing.
//!
//! # Examples
//!
//! ```
//! let saga = flowgen_templates::PATTERNS.iter().find(|pattern| pattern.name == "saga").unwrap();
//! let flowgen = flowgen_templates::Source::Path("../flowgen".to_owned());
//! let new = flowgen_templates::Crate { name: "order-flow", flowgen: &flowgen };
//! let files = saga.files(&new);
//! assert!(files.iter().any(|file| file.path == "flow/saga.fz" && file.contents == saga.drawing));
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod manifest;
mod pattern;
mod skeleton;
mod toml;
mod wording;

pub use askama::Error;
pub use pattern::{PATTERNS, Pattern};
pub use skeleton::{Lane, Outline, Role, Step, skeleton};

/// The crate to write.
#[derive(Clone, Copy, Debug)]
pub struct Crate<'a> {
    /// Its name, which has to be valid.
    pub name: &'a str,
    /// The source of its dependency on flowgen.
    pub flowgen: &'a Source,
}

/// The source of a crate's dependency on flowgen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A checkout in this folder.
    Path(String),
    /// The registry, with this version requirement.
    Version(String),
    /// A git repository.
    Git {
        /// The address of the repository.
        url: String,
        /// A commit or a tag; `None` for the newest commit of the default branch.
        rev: Option<String>,
    },
}

impl Source {
    /// Returns the keys of a dependency on a package in this folder of a checkout, such as `path = "…"`.
    fn keys(&self, folder: &str) -> String {
        match self {
            Self::Path(path) => format!("path = {}", toml::string(&format!("{path}{folder}"))),
            Self::Version(version) => format!("version = {}", toml::string(version)),
            Self::Git { url, rev: None } => format!("git = {}", toml::string(url)),
            Self::Git { url, rev: Some(rev) } => {
                format!("git = {}, rev = {}", toml::string(url), toml::string(rev))
            }
        }
    }
}

/// A file of a new crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The path in the crate, with `/` between folders.
    pub path: String,
    /// The contents.
    pub contents: String,
}

impl Crate<'_> {
    /// Returns the name of the crate in Rust code.
    fn ident(&self) -> String {
        self.name.replace('-', "_")
    }

    /// Returns the keys of the dependency on flowgen in a manifest.
    fn flowgen_toml(&self) -> String {
        self.flowgen.keys("")
    }
}

impl File {
    /// Creates a file whose contents end with exactly one line break.
    fn new(path: impl Into<String>, contents: impl AsRef<str>) -> Self {
        Self { path: path.into(), contents: format!("{}\n", contents.as_ref().trim_end()) }
    }
}

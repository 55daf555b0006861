//! The crates that `flowgen new` writes.
//!
//! A pattern is a folder in `examples/`, which the build script embeds: its files are written as they are,
//! but for the name and the dependencies of the new crate. The askama templates in `skeleton/` make the
//! crate for any other drawing.
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

/// The crate that is to be written.
#[derive(Clone, Copy, Debug)]
pub struct Crate<'a> {
    /// Its name, which is valid.
    pub name: &'a str,
    /// Where it gets flowgen from.
    pub flowgen: &'a Source,
}

/// Where a crate gets flowgen from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From a checkout in this folder.
    Path(String),
    /// From the registry, in a version that meets this requirement.
    Version(String),
    /// From a git repository.
    Git {
        /// The address of the repository.
        url: String,
        /// A commit or a tag; the newest commit of the default branch if there is none.
        rev: Option<String>,
    },
}

impl Source {
    /// The keys of a dependency on a package that is in this folder of a checkout, as in `path = "…"`.
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
    /// The name by which Rust knows it.
    fn ident(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The keys of the dependency on flowgen in a manifest.
    fn flowgen_toml(&self) -> String {
        self.flowgen.keys("")
    }
}

impl File {
    /// A file, ending in exactly one line break.
    fn new(path: impl Into<String>, contents: impl AsRef<str>) -> Self {
        Self { path: path.into(), contents: format!("{}\n", contents.as_ref().trim_end()) }
    }
}

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
//! let new = flowgen_templates::Crate { name: "order-flow", flowgen: "../flowgen" };
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
    /// The path of its dependency on flowgen.
    pub flowgen: &'a str,
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

    /// The path to flowgen as a string in a manifest.
    fn flowgen_toml(&self) -> String {
        toml::string(self.flowgen)
    }
}

impl File {
    /// A file, ending in exactly one line break.
    fn new(path: impl Into<String>, contents: impl AsRef<str>) -> Self {
        Self { path: path.into(), contents: format!("{}\n", contents.as_ref().trim_end()) }
    }
}

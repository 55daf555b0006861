//! The crates that `flowgen new` writes.
//!
//! A pattern is a folder of files and askama templates, and an entry in [`PATTERNS`]; the build script
//! finds the files. The `skeleton` is the crate for a drawing that is no pattern.
//!
//! # Examples
//!
//! ```
//! let saga = flowgen_templates::PATTERNS.iter().find(|pattern| pattern.name == "saga").unwrap();
//! let new = flowgen_templates::Crate { name: "order-flow", flowgen: "../flowgen" };
//! let files = saga.files(&new)?;
//! assert!(files.iter().any(|file| file.path == "flow/saga.fz" && file.contents == saga.drawing));
//! # Ok::<(), flowgen_templates::Error>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod patterns;
mod skeleton;
mod toml;
mod wording;

use patterns::Filling;

pub use askama::Error;
pub use skeleton::{Lane, Outline, Role, Step, skeleton};

/// All built-in patterns, in the order in which they are listed.
pub static PATTERNS: &[Pattern] = &[
    Pattern {
        name: "saga",
        summary: "A distributed transaction over services, rolled back by compensations when a part fails",
        drawing: include_str!("../saga/flow/saga.fz"),
        files: patterns::saga,
    },
    Pattern {
        name: "rollback",
        summary: "The undo of what was done when a later step fails, with faults on demand",
        drawing: include_str!("../rollback/flow/rollback.fz"),
        files: patterns::rollback,
    },
    Pattern {
        name: "circuit-breaker",
        summary: "Calls that fail fast while their target is down, and a recovery that is tested by probes",
        drawing: include_str!("../circuit-breaker/flow/circuit-breaker.fz"),
        files: patterns::circuit_breaker,
    },
    Pattern {
        name: "api-gateway",
        summary: "One door to several backends: tokens, limits, routes, breakers, and answers put together",
        drawing: include_str!("../api-gateway/flow/api-gateway.fz"),
        files: patterns::api_gateway,
    },
    Pattern {
        name: "cqrs",
        summary: "Commands that append events and queries that read a view which follows them, apart from each other",
        drawing: include_str!("../cqrs/flow/cqrs.fz"),
        files: patterns::cqrs,
    },
    Pattern {
        name: "ab-test",
        summary: "Two implementations of the same job compared on a frozen plan, with a verdict that the numbers bear",
        drawing: include_str!("../ab-test/flow/ab-test.fz"),
        files: patterns::ab_test,
    },
    Pattern {
        name: "blue-green",
        summary: "A new version beside the old one, tested, switched to, watched, and reverted at once if it is worse",
        drawing: include_str!("../blue-green/flow/blue-green.fz"),
        files: patterns::blue_green,
    },
];

/// A built-in pattern.
#[derive(Debug)]
pub struct Pattern {
    /// What `flowgen new` calls it; also the name of its drawing.
    pub name: &'static str,
    /// What it is, in a line.
    pub summary: &'static str,
    /// Its drawing.
    pub drawing: &'static str,
    files: fn(&Filling<'_>) -> Result<Vec<File>, Error>,
}

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

impl Pattern {
    /// The files of a crate of this pattern.
    ///
    /// # Errors
    ///
    /// A template that can't be filled in; no input is known to do it.
    pub fn files(&self, new: &Crate<'_>) -> Result<Vec<File>, Error> {
        (self.files)(&Filling { new, pattern: self })
    }
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

    /// The path to an engine, which is beside flowgen.
    fn engine_toml(&self, engine: &str) -> String {
        toml::string(&format!("{}/engines/{engine}", self.flowgen))
    }
}

impl File {
    /// A file, ending in exactly one line break.
    fn new(path: impl Into<String>, contents: impl AsRef<str>) -> Self {
        Self { path: path.into(), contents: format!("{}\n", contents.as_ref().trim_end()) }
    }
}

//! The crates in `examples/`, as the build script embeds them.

use crate::{Crate, File, manifest};

include!(concat!(env!("OUT_DIR"), "/patterns.rs"));

/// A built-in pattern: a crate in `examples/`.
#[derive(Debug)]
pub struct Pattern {
    /// The name for `flowgen new`, which is also the name of the drawing.
    pub name: &'static str,
    /// A summary in one line.
    pub summary: &'static str,
    /// Its drawing.
    pub drawing: &'static str,
    /// The paths and the contents of the example's files.
    sources: &'static [(&'static str, &'static str)],
}

impl Pattern {
    /// Returns the files of a new crate: those of the example, with the name and the dependencies of the new
    /// crate.
    ///
    /// The library keeps the example's name, so all Rust files are the same in every crate.
    #[must_use]
    pub fn files(&self, new: &Crate<'_>) -> Vec<File> {
        let file = |&(path, contents): &(&str, &str)| File {
            path: path.to_owned(),
            contents: match path {
                "Cargo.toml" => manifest::adapt(contents, self.name, new),
                "README.md" => self.readme(contents, new),
                _ => contents.to_owned(),
            },
        };
        self.sources.iter().map(file).collect()
    }

    /// Returns the README of a new crate. Its title is the name of the package.
    fn readme(&self, readme: &str, new: &Crate<'_>) -> String {
        match readme.strip_prefix(&format!("# {}\n", self.name)) {
            Some(rest) => format!("# {}\n{rest}", new.name),
            None => readme.to_owned(),
        }
    }
}

//! The files of each pattern, as the build script lists them.

use crate::{Crate, Error, File, Pattern};

/// What is filled in.
pub(crate) struct Filling<'a> {
    pub(crate) new: &'a Crate<'a>,
    pub(crate) pattern: &'a Pattern,
}

/// The text of a template that has something to be filled in.
macro_rules! filled {
    ($of:ident, $path:literal) => {{
        #[derive(askama::Template)]
        #[template(path = $path, escape = "none")]
        struct Text<'a> {
            of: &'a Filling<'a>,
        }
        askama::Template::render(&Text { of: $of })?
    }};
}

/// The text of a file that is the same in every crate.
macro_rules! fixed {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path))
    };
}

include!(concat!(env!("OUT_DIR"), "/patterns.rs"));

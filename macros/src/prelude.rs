//! Modules with `#![no_implicit_prelude]`.
//!
//! Attributes like `#[diagnostic::on_unimplemented]` do not resolve in them, and a macro cannot determine the
//! module that calls it. The macro therefore searches for the attribute in the calling file and in the root of
//! the crate.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::Span;

/// Whether the macro's caller may be in a module without the prelude.
pub(crate) fn may_be_missing(token: Span) -> bool {
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let roots = ["src/lib.rs", "src/main.rs"].map(|file| root.join(file));
    token.unwrap().local_file().into_iter().chain(roots).any(|file| is_named_in(&file))
}

fn is_named_in(file: &Path) -> bool {
    fs::read_to_string(file).is_ok_and(|source| source.contains("no_implicit_prelude"))
}

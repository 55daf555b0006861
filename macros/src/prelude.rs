//! Modules with `#![no_implicit_prelude]`.
//!
//! There, attributes like `#[diagnostic::on_unimplemented]` do not resolve, and a macro cannot see in
//! which module it is. So it looks for the attribute in the file that it is called from, and in the
//! crate's root.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::Span;

/// May the macro's caller be in a module without the prelude?
pub(crate) fn may_be_missing(token: Span) -> bool {
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let roots = ["src/lib.rs", "src/main.rs"].map(|file| root.join(file));
    token.unwrap().local_file().into_iter().chain(roots).any(|file| is_named_in(&file))
}

fn is_named_in(file: &Path) -> bool {
    fs::read_to_string(file).is_ok_and(|source| source.contains("no_implicit_prelude"))
}

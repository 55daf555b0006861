//! Drawings compiled by a build script.
//!
//! ```toml
//! [build-dependencies]
//! flowgen = { version = "0.1", features = ["build"] }
//! ```
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), flowgen::build::Error> {
//!     flowgen::build::compile("flow/saga.fz")
//! }
//! ```
//!
//! ```ignore
//! // src/lib.rs
//! pub mod saga {
//!     include!(concat!(env!("OUT_DIR"), "/saga.rs"));
//! }
//! ```

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use flowgen_codegen::Settings;
use flowgen_codegen::format::generate;

/// Compiles the drawing at `path`, relative to the crate's Cargo.toml, to `$OUT_DIR/<stem>.rs`, and
/// tells cargo to do so again when the drawing changes.
///
/// # Errors
///
/// When the file cannot be read, the drawing has errors, the code cannot be written, or this is not
/// called from a build script.
pub fn compile(path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(path).map_err(|source| Error::io("read", path, &source))?;
    let name = path.display().to_string();
    let (code, _) = generate(&name, &text, &Settings::default())
        .map_err(|refused| Error(refused.report(&name, &text)))?;
    let out = output(path)?;
    fs::write(&out, code).map_err(|source| Error::io("write", &out, &source))
}

fn output(drawing: &Path) -> Result<PathBuf, Error> {
    let stem = drawing.file_stem().map_or_else(|| OsString::from("flow"), OsString::from);
    let folder = env::var_os("OUT_DIR").ok_or_else(|| {
        Error("OUT_DIR is not set: call `flowgen::build::compile` from a build script".into())
    })?;
    Ok(PathBuf::from(folder).join(stem).with_extension("rs"))
}

/// Why a drawing was not compiled. Shown by `main` as it is, line by line.
pub struct Error(String);

impl Error {
    fn io(what: &str, path: &Path, source: &io::Error) -> Self {
        Self(format!("cannot {what} `{}`: {source}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

/// The same as `Display`: it is what a build script shows that returns this error from `main`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

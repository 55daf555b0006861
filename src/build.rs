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

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::{env, fmt, fs, io};

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::format::generate;
use flowgen_codegen::source::Lines;
use flowgen_codegen::{Settings, render};

/// Compiles the drawing at `path`, relative to the crate's Cargo.toml, to `$OUT_DIR/<stem>.rs`, and
/// tells cargo to do so again when the drawing changes.
///
/// # Errors
///
/// When the file cannot be read, the drawing has errors, another drawing has the same stem, the code
/// cannot be written, or this is not called from a build script.
pub fn compile(path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(path).map_err(|source| Error::io("read", path, &source))?;
    let name = path.display().to_string();
    let (code, findings) = generate(&name, &text, &Settings::default())
        .map_err(|refused| Error(refused.report(&name, &text)))?;
    warn(&findings, &name, &text);
    let out = output(path)?;
    claim(&out, path)?;
    fs::write(&out, code).map_err(|source| Error::io("write", &out, &source))
}

fn output(drawing: &Path) -> Result<PathBuf, Error> {
    let stem = drawing.file_stem().map_or_else(|| OsString::from("flow"), OsString::from);
    let folder = env::var_os("OUT_DIR").ok_or_else(|| {
        Error("OUT_DIR is not set: call `flowgen::build::compile` from a build script".into())
    })?;
    Ok(PathBuf::from(folder).join(stem).with_extension("rs"))
}

/// Shows warnings among the warnings of the build.
fn warn(findings: &[Finding], name: &str, text: &str) {
    let lines = Lines::new(text);
    for finding in findings.iter().filter(|finding| finding.severity() == Severity::Warning) {
        let place = lines.position(finding.span.start);
        println!(
            "cargo::warning={name}:{}:{}: {}",
            place.line,
            place.column,
            render::message(finding).replace('\n', "; ")
        );
    }
}

/// Two drawings must not be written to one file.
fn claim(out: &Path, drawing: &Path) -> Result<(), Error> {
    static WRITTEN: Mutex<BTreeMap<PathBuf, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    match written.insert(out.to_owned(), drawing.to_owned()) {
        Some(other) if other != drawing => Err(Error(format!(
            "`{}` and `{}` would both become `{}`: give one of them another name",
            other.display(),
            drawing.display(),
            out.display()
        ))),
        _ => Ok(()),
    }
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

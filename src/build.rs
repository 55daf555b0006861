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
use flowgen_codegen::format::{self, generate_files};
use flowgen_codegen::source::SourceFiles;
use flowgen_codegen::{Settings, Visibility, render};

/// Compiles the drawing at `path`, relative to the crate's Cargo.toml, to `$OUT_DIR/<stem>.rs`.
///
/// Reads the declaration of the flow's data if there is one beside the drawing: `saga.data` beside `saga.fz`. Makes
/// cargo rerun the build script when one of them changes. Warnings are reported as warnings of the build.
///
/// # Errors
///
/// If the file cannot be read, the drawing has errors, another drawing has the same stem, the code cannot be
/// written, or the caller is not a build script.
pub fn compile(path: impl AsRef<Path>) -> Result<(), Error> {
    flow(path).compile()
}

/// Selects a drawing to compile with settings for the generated code.
///
/// ```no_run
/// // build.rs of a crate that calls flowgen `workflows`, and that denies `unreachable_pub`
/// fn main() -> Result<(), flowgen::build::Error> {
///     flowgen::build::flow("flow/saga.fz").crate_path("::workflows").pub_crate().compile()
/// }
/// ```
#[must_use]
pub fn flow(path: impl AsRef<Path>) -> Flow {
    Flow { path: path.as_ref().to_owned(), crate_path: None, settings: Settings::default() }
}

/// A drawing that a build script compiles. See [`flow`].
#[derive(Clone, Debug)]
pub struct Flow {
    path: PathBuf,
    crate_path: Option<String>,
    settings: Settings,
}

impl Flow {
    /// Sets the path of the crate `flowgen` in the generated code, if the dependency has another name.
    #[must_use]
    pub fn crate_path(mut self, path: impl Into<String>) -> Self {
        self.crate_path = Some(path.into());
        self
    }

    /// Makes the items `pub(crate)`, for modules that the crate does not export.
    #[must_use]
    pub fn pub_crate(mut self) -> Self {
        self.settings.visibility = Visibility::Crate;
        self
    }

    /// Omits the attributes that do not resolve in a module with `#![no_implicit_prelude]`. A missing lane is
    /// then reported in rustc's words alone.
    #[must_use]
    pub fn no_implicit_prelude(mut self) -> Self {
        self.settings.diagnostic_attributes = false;
        self
    }

    /// Compiles the drawing, as [`compile`] does.
    ///
    /// # Errors
    ///
    /// Those of [`compile`], and a crate path that is not a valid path.
    pub fn compile(mut self) -> Result<(), Error> {
        let path = &self.path;
        println!("cargo::rerun-if-changed={}", path.display());
        if let Some(crate_path) = &self.crate_path {
            self.settings.runtime =
                format::crate_path(crate_path).map_err(|error| Error(error.to_string()))?;
        }
        let read = |path: &Path| fs::read_to_string(path).map_err(|source| Error::io("read", path, &source));
        let text = read(path)?;
        let name = path.display().to_string();
        let declaration = path.with_extension("data");
        let declaration_name = declaration.display().to_string();
        let declaration = watched(&declaration).then(|| read(&declaration)).transpose()?;
        let files = SourceFiles::new(&name, &text);
        let files = match &declaration {
            Some(declaration) => files.with_declaration(&declaration_name, declaration),
            None => files,
        };
        let (code, findings) =
            generate_files(&files, &self.settings).map_err(|refused| Error(refused.report_files(&files)))?;
        warn(&findings, &files);
        let out = output(path)?;
        claim(&out, path)?;
        fs::write(&out, code).map_err(|source| Error::io("write", &out, &source))
    }
}

/// Whether the declaration of the data is there. Makes cargo rerun the build script when it changes or appears.
fn watched(declaration: &Path) -> bool {
    let is_there = declaration.is_file();
    let folder = declaration.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Cargo takes a file that is not there for one that has changed.
    let watched = if is_there { Some(declaration) } else { folder };
    if let Some(watched) = watched {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    is_there
}

fn output(drawing: &Path) -> Result<PathBuf, Error> {
    let stem = drawing.file_stem().map_or_else(|| OsString::from("flow"), OsString::from);
    let folder = env::var_os("OUT_DIR").ok_or_else(|| {
        Error("OUT_DIR is not set: call `flowgen::build::compile` from a build script".into())
    })?;
    Ok(PathBuf::from(folder).join(stem).with_extension("rs"))
}

/// Reports the warnings as warnings of the build.
fn warn(findings: &[Finding], files: &SourceFiles<'_>) {
    for finding in findings.iter().filter(|finding| finding.severity() == Severity::Warning) {
        let (file, span) = files.locate(finding.span);
        let place = file.lines.position(span.start);
        println!(
            "cargo::warning={}:{}:{}: {}",
            file.name,
            place.line,
            place.column,
            render::message(finding).replace('\n', "; ")
        );
    }
}

/// Fails if another drawing was written to the same file.
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

/// The error of a drawing that was not compiled. `main` prints it line by line.
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

/// The same as `Display`, because a build script prints an error returned from `main` with `Debug`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

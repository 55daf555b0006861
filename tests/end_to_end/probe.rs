//! Crates to try things in, and cargo to try them with.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The checkout that the crates depend on.
pub(crate) const CHECKOUT: &str = env!("CARGO_MANIFEST_DIR");

/// The builds share a folder, so that flowgen is compiled once; cargo would wait for it anyway.
static CARGO: Mutex<()> = Mutex::new(());

/// A crate of its own, always in the same place, so that nothing piles up from run to run.
pub(crate) struct Probe {
    folder: PathBuf,
}

impl Probe {
    /// A crate without source, with these sections at the end of its manifest.
    pub(crate) fn new(name: &str, dependencies: &str) -> Self {
        let probe = Self::folder(name);
        let package = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n");
        let versions = fs::read_to_string(Path::new(CHECKOUT).join("Cargo.lock")).expect("a lock file");
        probe.with("Cargo.toml", &(package + "\n" + dependencies)).with("Cargo.lock", &versions)
    }

    /// An empty place for a crate.
    pub(crate) fn folder(name: &str) -> Self {
        let folder = place().join("crates").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last run's crate can be removed");
        }
        fs::create_dir_all(&folder).expect("a folder for the crate");
        Self { folder }
    }

    /// Writes a file.
    pub(crate) fn with(self, path: &str, contents: &str) -> Self {
        self.write(path, contents);
        self
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, contents: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a path in the crate")).expect("a folder for the file");
        fs::write(path, contents).expect("the file can be written");
    }

    /// Runs cargo in the crate.
    pub(crate) fn cargo<'a>(&self, args: impl AsRef<[&'a str]>) -> Ran {
        let args = args.as_ref();
        cargo(&self.folder, &place().join("target"), args.iter().map(OsStr::new))
    }
}

/// Runs the program `flowgen`, as cargo builds it from the checkout.
pub(crate) fn flowgen<'a>(args: impl IntoIterator<Item = &'a OsStr>) -> Ran {
    let run = ["run", "--quiet", "--package", "flowgen-cli", "--"].map(OsStr::new);
    cargo(Path::new(CHECKOUT), &place().join("target"), run.into_iter().chain(args))
}

impl AsRef<Path> for Probe {
    fn as_ref(&self) -> &Path {
        &self.folder
    }
}

fn place() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("end_to_end")
}

fn cargo<'a>(folder: &Path, target: &Path, args: impl Iterator<Item = &'a OsStr>) -> Ran {
    let _turn: MutexGuard<'_, ()> = CARGO.lock().unwrap_or_else(PoisonError::into_inner);
    let output = Command::new(env!("CARGO"))
        .args(args)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("RUSTDOCFLAGS", "-D warnings")
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs");
    Ran::from(output)
}

/// What came of a run of cargo.
pub(crate) struct Ran {
    /// What the program printed that cargo ran.
    pub(crate) stdout: String,
    /// What cargo, rustc and the program reported.
    pub(crate) stderr: String,
    code: Option<i32>,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("cargo writes UTF-8");
        Self { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
    }
}

impl Ran {
    /// It must have gone well, or the test fails with what was reported.
    #[track_caller]
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Cargo must have refused to build, or a test must have failed. The report.
    #[track_caller]
    pub(crate) fn fails(self) -> String {
        assert_eq!(self.code, Some(101), "{}\n{}", self.stdout, self.stderr);
        self.stderr
    }

    /// Whether it went well.
    pub(crate) fn is_well(&self) -> bool {
        self.code == Some(0)
    }

    /// Cargo must have refused to build, with each of these in its report.
    #[track_caller]
    pub(crate) fn refused(self, reported: &[&str]) {
        let report = self.fails();
        for words in reported {
            assert!(report.contains(words), "`{words}` is not in:\n{report}");
        }
    }
}

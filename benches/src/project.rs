//! A crate in a temporary folder, as a user has it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use anyhow::Result;
use tempfile::TempDir;

use crate::cargo::cargo;
use crate::usage;

pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// A crate with at most one dependency, a line of its Cargo.toml, which is fetched here and now.
    pub(crate) fn new(dependency: &str, main: &str) -> Result<Self> {
        let project = Self { folder: tempfile::tempdir()? };
        let manifest =
            format!("[package]\nname = \"measured\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n");
        fs::create_dir(project.at("src"))?;
        fs::write(project.at("Cargo.toml"), manifest)?;
        fs::write(project.at("src/main.rs"), main)?;
        usage::of(&mut cargo("fetch", project.folder.path()))?;
        Ok(project)
    }

    /// `cargo check`, which downloads nothing.
    pub(crate) fn check(&self) -> Command {
        let mut check = cargo("check", self.folder.path());
        check.arg("--offline").arg("--target-dir").arg(self.target());
        check
    }

    /// Makes the next check a clean one.
    pub(crate) fn clean(&self) -> Result<()> {
        if self.target().exists() {
            fs::remove_dir_all(self.target())?;
        }
        Ok(())
    }

    /// Makes the next check compile the crate itself, and nothing else.
    pub(crate) fn touch(&self) -> Result<()> {
        fs::File::options().append(true).open(self.at("src/main.rs"))?.set_modified(SystemTime::now())?;
        Ok(())
    }

    fn target(&self) -> PathBuf {
        self.at("target")
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }
}

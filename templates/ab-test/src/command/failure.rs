//! What a command fails with.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::plan::PlanError;
use crate::trial::RecordedError;

/// Why a command failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// A file can't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A plan is none.
    #[error("{}: {error}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: PlanError,
    },
    /// A plan made of arguments is none.
    #[error(transparent)]
    Planned(#[from] PlanError),
    /// Data can't be used.
    #[error("{}: {error}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: RecordedError,
    },
    /// An argument is wrong.
    #[error("{0}")]
    Argument(String),
    /// An experiment did not come to an end.
    #[error("the experiment stopped, and A serves: {0}")]
    Stopped(String),
    /// A server for the demo could not be started.
    #[error("no server could be started: {0}")]
    Server(io::Error),
}

impl Failure {
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }

    pub(super) fn plan(path: &Path) -> impl FnOnce(PlanError) -> Self {
        let path = path.to_owned();
        move |error| Self::Plan { path, error }
    }

    pub(super) fn data(path: &Path) -> impl FnOnce(RecordedError) -> Self {
        let path = path.to_owned();
        move |error| Self::Data { path, error }
    }
}

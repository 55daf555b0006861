//! The errors of the command line.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::plan::PlanError;
use crate::trial::RecordedError;

/// Error from a command.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// A file can't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// A plan file is invalid.
    #[error("{}: {error}", path.display())]
    Plan {
        /// The path of the file.
        path: PathBuf,
        /// The cause.
        error: PlanError,
    },
    /// A plan from command line arguments is invalid.
    #[error(transparent)]
    Planned(#[from] PlanError),
    /// The data is invalid.
    #[error("{}: {error}", path.display())]
    Data {
        /// The path of the file.
        path: PathBuf,
        /// The cause.
        error: RecordedError,
    },
    /// An argument is invalid.
    #[error("{0}")]
    Argument(String),
    /// An experiment did not complete.
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

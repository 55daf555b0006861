//! Errors of clients and workers.

use std::error::Error as StdError;

/// An error of an operation on a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No workflow has this id.
    #[error(
        "there is no run `{run}` in this namespace; is it long over, and past the namespace's retention?"
    )]
    Unknown {
        /// The id.
        run: String,
    },
    /// The workflow with this id is not a run of flowgen.
    #[error("the workflow `{run}` is no run of flowgen, but of the type `{kind}`; take another id")]
    Foreign {
        /// The id.
        run: String,
        /// The type of that workflow.
        kind: String,
    },
    /// The run has another drawing than this program.
    #[error(
        "run `{run}` is under the drawing {its}, and this program has the drawing {own}; ask a program that has it"
    )]
    OtherDrawing {
        /// The id.
        run: String,
        /// The hash of its drawing.
        its: String,
        /// The hash of the drawing of this program.
        own: String,
    },
    /// The drawing has several starts, or the given node is not a start.
    #[error("say with `start_at` where run `{run}` starts: {starts}")]
    Start {
        /// The id.
        run: String,
        /// The starts of the drawing.
        starts: String,
    },
    /// The context can't be written as JSON, or the returned data is not in a form that this program can read.
    #[error("the context of run `{run}`: {why}")]
    Context {
        /// The id.
        run: String,
        /// The cause.
        why: String,
    },
    /// The run can't execute the request.
    #[error("run `{run}`: {why}")]
    Refused {
        /// The id.
        run: String,
        /// The reason.
        why: String,
    },
    /// The workflow was terminated from outside, or ended by a timeout of the workflow.
    #[error("run `{run}` was ended from outside, and its pending undos are forgotten: {why}")]
    Ended {
        /// The id.
        run: String,
        /// How it was ended.
        why: String,
    },
    /// The server can't list runs.
    #[error("the Temporal server does not list runs")]
    List {
        /// The error from the server.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The server can't be reached, or returned an error.
    #[error("the Temporal server does not answer about run `{run}`")]
    Server {
        /// The id.
        run: String,
        /// The error from the server.
        source: Box<dyn StdError + Send + Sync>,
    },
}

/// An error of a worker, at its start or later.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The drawing has no lane with this name.
    #[error("the drawing has no lane `{lane}`; it has {lanes}")]
    UnknownLane {
        /// The name that was given.
        lane: String,
        /// The lanes of the drawing.
        lanes: String,
    },
    /// The worker could not be set up, or the server refuses it.
    #[error("the worker for the task queue `{queue}` stopped")]
    Queue {
        /// The task queue.
        queue: String,
        /// The cause.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The worker's thread could not be started, or panicked.
    #[error("the worker's thread: {0}")]
    Thread(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_do_not_repeat_the_cause() {
        let source = || "connection refused".into();
        let errors: [Box<dyn StdError>; 4] = [
            Box::new(Error::List { source: source() }),
            Box::new(Error::Server { run: "order-1".to_owned(), source: source() }),
            Box::new(WorkerError::Queue { queue: "shop".to_owned(), source: source() }),
            Box::new(crate::ConnectError { url: "http://localhost".to_owned(), source: source() }),
        ];
        for error in errors {
            let cause = error.source().map(ToString::to_string);
            assert_eq!(cause.as_deref(), Some("connection refused"), "{error}");
            assert!(!error.to_string().contains("connection refused"), "{error}");
        }
    }
}

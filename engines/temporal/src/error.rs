//! What can go wrong between a client and a run.

use std::error::Error as StdError;

/// Why something could not be done with a run, or was not.
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
    /// The workflow with this id is no run of flowgen.
    #[error("the workflow `{run}` is no run of flowgen, but of the type `{kind}`; take another id")]
    Foreign {
        /// The id.
        run: String,
        /// The type of that workflow.
        kind: String,
    },
    /// The run is under another drawing than this program.
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
    /// The drawing has several starts, or the node that was named is none.
    #[error("say with `start_at` where run `{run}` starts: {starts}")]
    Start {
        /// The id.
        run: String,
        /// The starts that the drawing has.
        starts: String,
    },
    /// The context can't be written as JSON, or what came back is not what this program knows.
    #[error("the context of run `{run}`: {why}")]
    Context {
        /// The id.
        run: String,
        /// What is wrong with it.
        why: String,
    },
    /// The run can't do what was asked of it.
    #[error("run `{run}`: {why}")]
    Refused {
        /// The id.
        run: String,
        /// Why not.
        why: String,
    },
    /// Somebody ended the workflow from outside, by terminating it or by a timeout of the workflow.
    #[error("run `{run}` was ended from outside, and what it owed is forgotten: {why}")]
    Ended {
        /// The id.
        run: String,
        /// How it was ended.
        why: String,
    },
    /// The server can't list runs.
    #[error("the Temporal server does not list runs")]
    List {
        /// What it said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The server can't be reached, or answers with an error.
    #[error("the Temporal server does not answer about run `{run}`")]
    Server {
        /// The id.
        run: String,
        /// What it said.
        source: Box<dyn StdError + Send + Sync>,
    },
}

/// Why a worker can't be started, or stopped working.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The drawing has no such lane.
    #[error("the drawing has no lane `{lane}`; it has {lanes}")]
    UnknownLane {
        /// The lane that was asked for.
        lane: String,
        /// Those that there are.
        lanes: String,
    },
    /// It could not be set up, or the server refuses it.
    #[error("the worker for the task queue `{queue}` stopped")]
    Queue {
        /// The task queue.
        queue: String,
        /// What went wrong.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The thread that it works in could not be started, or panicked.
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

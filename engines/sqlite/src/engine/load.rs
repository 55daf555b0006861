//! How many runs are under way, and how many may be.

use flowgen::Node;

use super::Engine;

/// How busy an engine is.
///
/// # Examples
///
/// ```
/// # fn of(engine: &flowgen_sqlite::Engine<impl flowgen::Node, ()>) -> bool {
/// let load = engine.load();
/// // Whether to ask for more.
/// load.waiting == 0 && !load.is_full()
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Load {
    /// How many runs are under way, messages and halted runs included.
    pub running: usize,
    /// How many of them are halted: they could not be saved or read back.
    pub halted: usize,
    /// How many of the halted ones wait for the file: it is locked or full, and they go on once it can be written.
    pub waiting: usize,
    /// How many may be under way where another is started, if that is limited.
    pub most: Option<usize>,
}

impl Load {
    /// Are as many runs under way as may be?
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.most.is_some_and(|most| self.running >= most)
    }
}

impl<N: Node, Cx> Engine<N, Cx> {
    /// Refuses to start a run where so many are under way: [`Error::Overloaded`](crate::Error::Overloaded). It is not limited otherwise.
    ///
    /// Runs that are resumed or retried, and messages, count and are not refused. How many attempts are made at once
    /// is a matter of [`Runner::limit`](flowgen::Runner::limit): that keeps a backlog from slowing down what is being done, this keeps the
    /// backlog short.
    #[must_use]
    pub fn max_running(self, most: usize) -> Self {
        self.inner.live.set_most(most);
        self
    }

    /// How busy the engine is. Waits for nothing.
    #[must_use]
    pub fn load(&self) -> Load {
        self.inner.live.load()
    }
}

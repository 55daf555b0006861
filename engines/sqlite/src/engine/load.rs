//! The number of active runs, and its limit.

use flowgen::Node;

use super::Engine;

/// The load of an engine.
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
    /// The number of active runs, including messages and halted runs.
    pub running: usize,
    /// How many of them are halted, because they could not be saved or read back.
    pub halted: usize,
    /// How many of the halted runs wait for the file: it is locked or full, and they continue once it can be
    /// written.
    pub waiting: usize,
    /// The number of active runs from which on no further run is started; `None` if there is no limit.
    pub most: Option<usize>,
}

impl Load {
    /// Returns whether the limit is reached.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.most.is_some_and(|most| self.running >= most)
    }
}

impl<N: Node, Cx> Engine<N, Cx> {
    /// Sets the number of active runs from which on no further run is started:
    /// [`Error::Overloaded`](crate::Error::Overloaded). There is no limit by default.
    ///
    /// Runs that are resumed or retried, and messages, are counted but not refused.
    /// [`Runner::limit`](flowgen::Runner::limit) limits how many attempts are made at once: it keeps a backlog
    /// from slowing down the work in progress, while this limit keeps the backlog short.
    #[must_use]
    pub fn max_running(self, most: usize) -> Self {
        self.inner.active.set_most(most);
        self
    }

    /// Returns the load of the engine, without waiting.
    #[must_use]
    pub fn load(&self) -> Load {
        self.inner.active.load()
    }
}

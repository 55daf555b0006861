//! The decisions of operators about a running release, and the reasons for which a release waits.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// Passes an operator's decision to the waiting step. Clones share the same state.
///
/// It only makes a release react at once. Data that must outlive the controller is in its file.
#[derive(Clone, Debug, Default)]
pub struct Words(Arc<watch::Sender<Option<(String, Word)>>>, Arc<Mutex<HashMap<String, Wait>>>);

/// The reason for which a release waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// For an operator, who has to promote or abort the release for this reason.
    Operator(String),
    /// For the balancer, which does not answer. The release continues by itself.
    Balancer(String),
    /// For the file of the releases, which can't be written. The release continues by itself.
    Store(String),
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(why) => write!(f, "paused   {why}; promote or abort it"),
            Self::Balancer(why) => write!(f, "waiting  {why}; the release continues by itself"),
            Self::Store(why) => {
                write!(f, "waiting  the release cannot be saved: {why}; it continues by itself")
            }
        }
    }
}

/// Shows the reason for which a release waits, until this is dropped.
#[derive(Debug)]
pub struct Waiting<'w> {
    words: &'w Words,
    run: &'w str,
    /// The previous reason, which applies again afterwards.
    before: Option<Wait>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waits = self.words.waits();
        match self.before.take() {
            Some(before) => waits.insert(self.run.to_owned(), before),
            None => waits.remove(self.run),
        };
    }
}

/// A decision of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Ends the watch: the new version stays live.
    Promote,
    /// Reverts the release: the old version serves again.
    Abort,
}

impl Words {
    /// Shows the reason for which a release waits, until the result is dropped.
    pub fn wait<'w>(&'w self, run: &'w str, wait: Wait) -> Waiting<'w> {
        let before = self.waits().insert(run.to_owned(), wait);
        Waiting { words: self, run, before }
    }

    /// The reason for which a release waits, if it does.
    #[must_use]
    pub fn waiting(&self, run: &str) -> Option<Wait> {
        self.waits().get(run).cloned()
    }

    fn waits(&self) -> std::sync::MutexGuard<'_, HashMap<String, Wait>> {
        self.1.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a decision about a release.
    pub fn say(&self, run: &str, word: Word) {
        self.0.send_replace(Some((run.to_owned(), word)));
    }

    /// The last decision about a release.
    #[must_use]
    pub fn said(&self, run: &str) -> Option<Word> {
        of(run, self.0.borrow().as_ref())
    }

    /// Whether a release was aborted.
    #[must_use]
    pub fn is_aborted(&self, run: &str) -> bool {
        self.said(run) == Some(Word::Abort)
    }

    /// Waits for a decision about a release.
    pub async fn hear(&self, run: &str) -> Word {
        let mut words = self.0.subscribe();
        loop {
            if let Some(word) = of(run, words.borrow_and_update().as_ref()) {
                return word;
            }
            if words.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

fn of(run: &str, said: Option<&(String, Word)>) -> Option<Word> {
    said.filter(|(of, _)| of == run).map(|&(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_within_another_gives_way_to_it_again() {
        let words = Words::default();
        let (operator, balancer) = (Wait::Operator("a".to_owned()), Wait::Balancer("b".to_owned()));
        let outer = words.wait("1", operator.clone());
        let inner = words.wait("1", balancer.clone());
        assert_eq!(words.waiting("1"), Some(balancer));
        drop(inner);
        assert_eq!(words.waiting("1"), Some(operator));
        drop(outer);
        assert_eq!(words.waiting("1"), None);
    }
}

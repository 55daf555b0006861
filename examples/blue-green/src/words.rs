//! What operators say while a release is under way.

use std::sync::Arc;

use tokio::sync::watch;

/// Hands an operator's word to the step that waits. A handle: clones are the same.
///
/// It only makes a release react at once. What has to outlive the controller is in its file.
#[derive(Clone, Debug, Default)]
pub struct Words(Arc<watch::Sender<Option<(String, Word)>>>);

/// What an operator says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The version is good: don't watch it any longer.
    Promote,
    /// The old version is to serve.
    Abort,
}

impl Words {
    /// Says it of a release.
    pub fn say(&self, run: &str, word: Word) {
        self.0.send_replace(Some((run.to_owned(), word)));
    }

    /// What was said last of a release.
    #[must_use]
    pub fn said(&self, run: &str) -> Option<Word> {
        of(run, self.0.borrow().as_ref())
    }

    /// Was a release called off?
    #[must_use]
    pub fn is_aborted(&self, run: &str) -> bool {
        self.said(run) == Some(Word::Abort)
    }

    /// Waits until something is said of a release.
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

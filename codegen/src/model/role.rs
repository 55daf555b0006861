//! What an arrow is there for, as its label says it.

use super::declare::label;
use crate::syntax::{Edge, Word};

/// What an arrow is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Control goes along it. The label as drawn, if there is one.
    Control(Option<Word>),
    /// `async:`: a message that nobody waits for. The label without `async:`, if anything is left.
    Message(Option<Word>),
    /// `compensated by`: the target undoes the source.
    Undo,
}

impl Role {
    /// What this arrow is there for.
    #[must_use]
    pub fn of(edge: &Edge) -> Self {
        let Some(label) = label(&edge.attributes) else { return Self::Control(None) };
        let text = label.text.trim();
        if text.split_whitespace().map(str::to_lowercase).eq(["compensated", "by"]) {
            return Self::Undo;
        }
        match text.split_at_checked("async:".len()) {
            Some((mark, rest)) if mark.eq_ignore_ascii_case("async:") => {
                let text = rest.trim().to_owned();
                Self::Message((!text.is_empty()).then_some(Word { text, span: label.span }))
            }
            _ => Self::Control(Some(label.clone())),
        }
    }
}

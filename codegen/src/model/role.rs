//! What an arrow is there for, as its label says it.

use super::declare::label;
use crate::rules::wording::is_slip;
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
        if is_undo(text) || is_slip_of_undo(text) {
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

fn is_undo(text: &str) -> bool {
    text.split_whitespace().map(str::to_lowercase).eq(["compensated", "by"])
}

/// `compensate by`, `compensated_by`, `Compensated-By:`: nothing else can be meant.
fn is_slip_of_undo(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let ends = text.len().checked_sub(2).and_then(|end| text.get(end..));
    ends.is_some_and(|ends| ends.eq_ignore_ascii_case("by")) && is_slip(text, "compensated by", 3)
}

/// The label of an arrow that is read as `compensated by` and says it in another way.
pub(super) fn slip_of_undo(edge: &Edge) -> Option<&Word> {
    label(&edge.attributes).filter(|label| !is_undo(&label.text) && is_slip_of_undo(label.text.trim()))
}

//! The types of the read side: the positions and contents of the views, and their dead letters.

use std::collections::{BTreeMap, BTreeSet};

use super::Recorded;
use crate::view::{AccountView, Answer, Folded, Question, fold};

/// One of the two views. One is live, the other one is spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// The view that is live at first.
    Blue,
    /// The other view.
    Green,
}

/// The state of the views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Views {
    /// The view that answers queries.
    pub live: Colour,
    /// The position of the last event in the live view.
    pub live_at: i64,
    /// The position of the last event in the spare view. Negative while the view is being emptied.
    pub spare_at: i64,
    /// Increases with each dead letter that is retried or skipped, which invalidates data that was read before.
    pub revision: i64,
}

/// The content of a view for some accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The accounts in the view.
    pub accounts: BTreeMap<String, AccountView>,
    /// The accounts with a dead letter.
    pub dead: BTreeSet<String>,
    /// The positions of events that an operator has skipped.
    pub skipped: BTreeSet<i64>,
}

/// The events that a view has not applied yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The state of the views.
    pub views: Views,
    /// The events after the position of the view, in order.
    pub events: Vec<Recorded>,
    /// The content of the view for the accounts of these events.
    pub held: Held,
}

/// An update of a view.
#[derive(Clone, Debug)]
pub struct Advance {
    /// The view to update.
    pub colour: Colour,
    /// Whether the view must be live or spare. If it is the other, nothing is written.
    pub is_live: bool,
    /// The position that the view must have. If it has another one, nothing is written.
    pub from: i64,
    /// The [revision](Views::revision) that the views must have. If it is another one, nothing is written.
    pub revision: i64,
    /// The new position. It is saved in the same transaction as the changes.
    pub to: i64,
    /// The changes by the events.
    pub folded: Folded,
}

/// An event that can't be applied to a view.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeadLetter {
    /// The position of the event.
    pub position: i64,
    /// The account of the event.
    pub account: String,
    /// Why the event can't be applied.
    pub why: String,
    /// When the event became a dead letter.
    #[serde(serialize_with = "crate::clock::as_text")]
    pub at: i64,
}

/// The answer of the live view to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The answer, if the account exists.
    pub answer: Option<Answer>,
    /// The position of the last event in the view.
    pub position: i64,
    /// The first dead letter, up to the position that the caller requested, of an account that the query is about.
    /// The answer shows the account before that event.
    pub held_up: Option<DeadLetter>,
}

/// An operator's decision about a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Applies the event. It succeeds if the program can now read the event, or if the event was repaired.
    Retry,
    /// Skips the event: it has no effect on any view, even after a rebuild.
    Skip,
}

/// An operator's decision about a dead letter, to be executed.
#[derive(Clone, Debug)]
pub struct Settle {
    /// The position of the event.
    pub position: i64,
    /// The decision.
    pub decision: Decision,
    /// The reason for the decision.
    pub reason: String,
    /// The operator, if known.
    pub who: Option<String>,
    /// When it was decided, in milliseconds since 1970.
    pub at: i64,
}

/// The result of a [`Settle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The decision was executed. The events that waited behind this one are applied, up to the next event that
    /// can't be.
    Done,
    /// The event still can't be applied, for this reason. Nothing was changed.
    Unapplied(String),
    /// The dead letter at this position is an earlier one of the account and must be settled first. Nothing was
    /// changed.
    Behind(i64),
    /// The live view has no such dead letter.
    Unknown,
}

/// An executed decision about a dead letter.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Settlement {
    /// The position of the event.
    pub position: i64,
    /// The account of the event.
    pub account: String,
    /// The decision.
    pub decision: Decision,
    /// The reason for the decision.
    pub reason: String,
    /// The operator, if known.
    pub who: Option<String>,
    /// When it was decided.
    #[serde(serialize_with = "crate::clock::as_text")]
    pub at: i64,
}

impl Colour {
    /// The other view.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Green => "green",
        }
    }

    pub(super) fn of(name: &str) -> Self {
        if name == "green" { Self::Green } else { Self::Blue }
    }
}

impl Views {
    /// The live or the spare view, and its position.
    #[must_use]
    pub fn one(&self, is_live: bool) -> (Colour, i64) {
        if is_live { (self.live, self.live_at) } else { (self.live.other(), self.spare_at) }
    }

    /// Creates the state from the two rows of the table: name, position, whether the view is live, and the
    /// revision.
    pub(super) fn of(rows: impl IntoIterator<Item = (String, i64, bool, i64)>) -> Self {
        let mut views = Self { live: Colour::Blue, live_at: 0, spare_at: 0, revision: 0 };
        for (name, position, is_live, revision) in rows {
            views.revision = revision;
            if is_live {
                (views.live, views.live_at) = (Colour::of(&name), position);
            } else {
                views.spare_at = position;
            }
        }
        views
    }
}

/// The accounts that an answer is about.
pub(super) enum About<'a> {
    One(&'a str),
    /// The accounts after a name. If the page is full, only up to the second name.
    Range(&'a str, Option<&'a str>),
}

impl<'a> About<'a> {
    pub(super) fn of(question: &'a Question, answer: Option<&'a Answer>) -> Self {
        match question {
            Question::Account(account) | Question::Statement { account, .. } => Self::One(account),
            Question::Accounts { after, limit } => {
                let page = if let Some(Answer::Accounts(page)) = answer { page.as_slice() } else { &[] };
                let is_full = i64::try_from(page.len()).is_ok_and(|length| length >= *limit);
                let until = page.last().filter(|_| is_full).map(|last| last.account.as_str());
                Self::Range(after, until)
            }
        }
    }
}

impl Decision {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Skip => "skip",
        }
    }

    pub(super) fn of(name: &str) -> Self {
        if name == "skip" { Self::Skip } else { Self::Retry }
    }
}

/// The effect of a settlement on one view.
pub(super) enum Effect {
    /// The account continues, up to its next dead letter.
    GoesOn(Folded),
    /// The view is unchanged, for this reason.
    None(Settled),
}

/// The effect of a decision on a view. `events` are the dead letters of an account, and the decision is about the
/// first.
pub(super) fn effect(settle: &Settle, mut held: Held, events: &[Recorded]) -> Effect {
    if settle.decision == Decision::Skip {
        held.skipped.insert(settle.position);
    }
    let folded = fold(held, events, settle.at);
    match folded.dead.first() {
        Some(letter) if letter.position == settle.position => {
            Effect::None(Settled::Unapplied(letter.why.clone()))
        }
        _ => Effect::GoesOn(folded),
    }
}

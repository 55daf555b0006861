//! What is kept of the read side: where the views are, what they hold, and what they can't show.

use std::collections::{BTreeMap, BTreeSet};

use super::Recorded;
use crate::view::{AccountView, Answer, Folded, Question, fold};

/// One of the two views. One of them is live, the other one is spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// The one that is live at first.
    Blue,
    /// The other one.
    Green,
}

/// Where the views are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Views {
    /// The one that answers queries.
    pub live: Colour,
    /// The position of the last event that it shows.
    pub live_at: i64,
    /// The same of the spare one; below zero while it is being emptied.
    pub spare_at: i64,
    /// Grows with each dead letter that is retried or skipped: what was read before does not hold any more.
    pub revision: i64,
}

/// What a view holds of some accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Those that it shows.
    pub accounts: BTreeMap<String, AccountView>,
    /// Those of which an event is a dead letter.
    pub dead: BTreeSet<String>,
    /// The positions of events that an operator skips.
    pub skipped: BTreeSet<i64>,
}

/// What is behind a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Where the views are.
    pub views: Views,
    /// The events that the view does not show yet, in order.
    pub events: Vec<Recorded>,
    /// What the view holds of the accounts that they happened to.
    pub held: Held,
}

/// How a view is to move on.
#[derive(Clone, Debug)]
pub struct Advance {
    /// Which view.
    pub colour: Colour,
    /// It has to be live, or spare: if it is not, nothing is written.
    pub is_live: bool,
    /// Where it has to be: if it is elsewhere, nothing is written.
    pub from: i64,
    /// The [revision](Views::revision) of the views: if it is another one, nothing is written.
    pub revision: i64,
    /// Where it is then. Kept in the transaction of all the rest.
    pub to: i64,
    /// What the events make of it.
    pub folded: Folded,
}

/// An event that can't be applied to a view.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeadLetter {
    /// Its position.
    pub position: i64,
    /// The account that it happened to.
    pub account: String,
    /// Why it can't.
    pub why: String,
    /// When that was found.
    #[serde(serialize_with = "crate::clock::as_text")]
    pub at: i64,
}

/// What the live view says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The answer, if there is such an account.
    pub answer: Option<Answer>,
    /// The position of the last event that the view shows.
    pub position: i64,
    /// The first dead letter, up to the position that the caller wants to see, of an account that the
    /// question is about: the answer is older than that.
    pub held_up: Option<DeadLetter>,
}

/// What an operator decides about a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The event is applied now: the program can read it by now, or it was repaired.
    Retry,
    /// The event has no effect on any view, also when one is rebuilt.
    Skip,
}

/// A decision about a dead letter that is to be carried out.
#[derive(Clone, Debug)]
pub struct Settle {
    /// The position of the event.
    pub position: i64,
    /// What is decided.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// Who decided it, if that is known.
    pub who: Option<String>,
    /// When.
    pub at: i64,
}

/// What came of a [`Settle`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is carried out. What waited behind the event is applied as well, up to the next event that can't be.
    Done,
    /// The event still can't be applied, and why. Nothing is changed.
    Unapplied(String),
    /// Another dead letter of the account comes first: this one. Nothing is changed.
    Behind(i64),
    /// There is no such dead letter in the live view.
    Unknown,
}

/// A decision about a dead letter that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Settlement {
    /// The position of the event.
    pub position: i64,
    /// The account that it happened to.
    pub account: String,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// Who decided it, if that is known.
    pub who: Option<String>,
    /// When.
    #[serde(serialize_with = "crate::clock::as_text")]
    pub at: i64,
}

impl Colour {
    /// The one that this is not.
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
    /// The live one or the spare one, and where it is.
    #[must_use]
    pub fn one(&self, is_live: bool) -> (Colour, i64) {
        if is_live { (self.live, self.live_at) } else { (self.live.other(), self.spare_at) }
    }

    /// From the rows of both: name, position, whether it is live, and the revision.
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
    /// Those behind a name, up to another one if the answer is a full page.
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

/// What a settlement does to one view.
pub(super) enum Effect {
    /// The account goes on, up to its next dead letters.
    GoesOn(Folded),
    /// Nothing, because of this.
    None(Settled),
}

/// What a decision about the first of these events of an account, all of them dead letters, does to a view.
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

//! What queries are answered with, and how events make it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::clock::as_text;
use crate::domain::{Event, Unreadable};
use crate::store::{DeadLetter, Held, Recorded};

/// An account as queries show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountView {
    /// Its name.
    pub account: String,
    /// Who it belongs to.
    pub owner: String,
    /// What it holds.
    pub cents: i64,
    /// Nobody can use it any more.
    pub is_closed: bool,
    /// How many events made it.
    pub version: i64,
    /// When it was opened.
    #[serde(serialize_with = "as_text")]
    pub opened: i64,
    /// When something last happened to it.
    #[serde(serialize_with = "as_text")]
    pub changed: i64,
}

/// A line of an account's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The account.
    #[serde(skip)]
    pub account: String,
    /// The version of the account that it made.
    pub version: i64,
    /// What was paid in, or, below zero, taken out.
    pub cents: i64,
    /// What the account held then.
    pub balance: i64,
    /// What for.
    pub reference: String,
    /// When.
    #[serde(serialize_with = "as_text")]
    pub at: i64,
}

/// An account with its statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The account.
    #[serde(flatten)]
    pub account: AccountView,
    /// What happened to it, the newest first.
    pub lines: Vec<Line>,
}

/// What somebody wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// How an account stands.
    Account(String),
    /// What happened to it.
    Statement {
        /// Which one.
        account: String,
        /// Only lines of versions below this one: the last of the page before.
        before: i64,
        /// At most so many lines.
        limit: i64,
    },
    /// Which accounts there are, by name.
    Accounts {
        /// Only those behind this name: the last of the page before.
        after: String,
        /// At most so many.
        limit: i64,
    },
}

/// What the view says to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// How an account stands.
    Account(AccountView),
    /// What happened to it.
    Statement(Statement),
    /// Which accounts there are.
    Accounts(Vec<AccountView>),
}

/// Why an event can't be applied to the view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unapplied {
    /// It can't be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It is not the event that comes next.
    #[error("the event makes version {found} of the account, and version {expected} comes next")]
    OutOfOrder {
        /// The version that comes next.
        expected: i64,
        /// The version that the event makes.
        found: i64,
    },
    /// The account was not opened, or was opened before.
    #[error("nothing like this can happen to the account as it is")]
    Impossible,
    /// A text of it has a NUL character, which not every database keeps.
    #[error("a text of the event has a NUL character, which can't be stored")]
    Nul,
    /// One before it can't be applied.
    #[error("an event of the account before this one is a dead letter")]
    Behind,
}

/// What events make of a view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The accounts that have changed.
    pub accounts: Vec<AccountView>,
    /// New lines of statements.
    pub lines: Vec<Line>,
    /// The events that can't be applied.
    pub dead: Vec<DeadLetter>,
}

/// Applies events to what a view holds of their accounts. After an event that can't be applied, no other one
/// of its account is.
#[must_use]
pub fn fold(held: Held, events: &[Recorded], now: i64) -> Folded {
    let Held { accounts: mut views, dead: mut behind, skipped } = held;
    let (mut changed, mut lines, mut dead) = (BTreeSet::new(), Vec::new(), Vec::new());
    for event in events {
        let name = &event.account;
        let applied = if behind.contains(name) {
            Err(Unapplied::Behind)
        } else if skipped.contains(&event.position) {
            Ok((views.get(name).map(|account| skip(account, event)), None))
        } else {
            apply(views.get(name), event).map(|(account, line)| (Some(account), line))
        };
        match applied {
            Ok((Some(account), line)) => {
                changed.insert(name);
                views.insert(name.clone(), account);
                lines.extend(line);
            }
            // A skipped event of an account that the view does not show.
            Ok((None, _)) => {}
            Err(why) => {
                behind.insert(name.clone());
                let (position, account) = (event.position, name.clone());
                dead.push(DeadLetter { position, account, why: why.to_string(), at: now });
            }
        }
    }
    views.retain(|name, _| changed.contains(name));
    Folded { accounts: views.into_values().collect(), lines, dead }
}

/// The account after an event that has no effect but its version.
fn skip(account: &AccountView, recorded: &Recorded) -> AccountView {
    AccountView { version: recorded.version.max(account.version), ..account.clone() }
}

/// What an account is after an event, and the line of its statement if there is one.
///
/// # Errors
///
/// The event can't be applied.
pub fn apply(
    account: Option<&AccountView>,
    recorded: &Recorded,
) -> Result<(AccountView, Option<Line>), Unapplied> {
    let event = Event::read(&recorded.kind, recorded.shape, &recorded.body)?;
    let expected = account.map_or(1, |account| account.version.saturating_add(1));
    let found = recorded.version;
    if found != expected {
        return Err(Unapplied::OutOfOrder { expected, found });
    }
    if let Event::Opened { owner: text }
    | Event::Deposited { reference: text, .. }
    | Event::Withdrawn { reference: text, .. } = &event
        && text.contains('\0')
    {
        return Err(Unapplied::Nul);
    }
    let (cents, reference) = match (account, event) {
        (None, Event::Opened { owner }) => return Ok((opened(recorded, owner), None)),
        (Some(account), Event::Closed {}) if !account.is_closed => {
            let version = recorded.version;
            let closed = AccountView { is_closed: true, version, changed: recorded.at_ms, ..account.clone() };
            return Ok((closed, None));
        }
        (Some(_), Event::Deposited { cents, reference }) => (signed(cents)?, reference),
        (Some(_), Event::Withdrawn { cents, reference }) => (-signed(cents)?, reference),
        _ => return Err(Unapplied::Impossible),
    };
    let account = account.filter(|account| !account.is_closed).ok_or(Unapplied::Impossible)?;
    let balance = account.cents.checked_add(cents).filter(|balance| *balance >= 0);
    let balance = balance.ok_or(Unapplied::Impossible)?;
    let name = account.account.clone();
    let line = Line { account: name, version: found, cents, balance, reference, at: recorded.at_ms };
    let moved = AccountView { cents: balance, version: found, changed: recorded.at_ms, ..account.clone() };
    Ok((moved, Some(line)))
}

fn opened(recorded: &Recorded, owner: String) -> AccountView {
    AccountView {
        account: recorded.account.clone(),
        owner,
        cents: 0,
        is_closed: false,
        version: recorded.version,
        opened: recorded.at_ms,
        changed: recorded.at_ms,
    }
}

fn signed(cents: u64) -> Result<i64, Unapplied> {
    i64::try_from(cents).map_err(|_| Unapplied::Impossible)
}

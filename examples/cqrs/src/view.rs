//! The view that answers queries, and how events change it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::clock::as_text;
use crate::domain::{Event, Unreadable};
use crate::store::{DeadLetter, Held, Recorded};

/// An account as shown to queries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountView {
    /// The name of the account.
    pub account: String,
    /// The owner of the account.
    pub owner: String,
    /// The balance, in cents.
    pub cents: i64,
    /// Whether the account is closed for good.
    pub is_closed: bool,
    /// The number of events of the account.
    pub version: i64,
    /// When the account was opened.
    #[serde(serialize_with = "as_text")]
    pub opened: i64,
    /// When the last event of the account happened.
    #[serde(serialize_with = "as_text")]
    pub changed: i64,
}

/// A line of an account statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The account.
    #[serde(skip)]
    pub account: String,
    /// The version of the account after this line.
    pub version: i64,
    /// The amount, in cents: positive for a deposit, negative for a withdrawal.
    pub cents: i64,
    /// The balance after this line, in cents.
    pub balance: i64,
    /// The reference of the payment.
    pub reference: String,
    /// When the payment happened.
    #[serde(serialize_with = "as_text")]
    pub at: i64,
}

/// An account with its statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The account.
    #[serde(flatten)]
    pub account: AccountView,
    /// The lines of the statement, newest first.
    pub lines: Vec<Line>,
}

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Reads an account.
    Account(String),
    /// Reads the statement of an account.
    Statement {
        /// The account.
        account: String,
        /// Only lines with versions below this one, which is the last of the previous page.
        before: i64,
        /// The maximum number of lines.
        limit: i64,
    },
    /// Lists the accounts by name.
    Accounts {
        /// Only accounts after this name, which is the last of the previous page.
        after: String,
        /// The maximum number of accounts.
        limit: i64,
    },
}

/// The answer of the view to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// An account.
    Account(AccountView),
    /// The statement of an account.
    Statement(Statement),
    /// A page of accounts.
    Accounts(Vec<AccountView>),
}

/// Error from applying an event to the view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unapplied {
    /// The event can't be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The event has another version than the next one of the account.
    #[error("the event makes version {found} of the account, and version {expected} comes next")]
    OutOfOrder {
        /// The expected version.
        expected: i64,
        /// The version of the event.
        found: i64,
    },
    /// The state of the account rules out this event: the account was not opened, or was already opened.
    #[error("nothing like this can happen to the account as it is")]
    Impossible,
    /// A text of the event has a NUL character, which not every database can store.
    #[error("a text of the event has a NUL character, which can't be stored")]
    Nul,
    /// An earlier event of the account can't be applied.
    #[error("an event of the account before this one is a dead letter")]
    Behind,
}

/// The changes of a view by events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The changed accounts.
    pub accounts: Vec<AccountView>,
    /// The new lines of statements.
    pub lines: Vec<Line>,
    /// The events that can't be applied.
    pub dead: Vec<DeadLetter>,
}

/// Applies events to the accounts of a view. If an event can't be applied, all later events of its account are
/// dead letters, too.
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
            // An event was skipped, and the view does not show its account.
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

/// The account after a skipped event, which changes only the version.
fn skip(account: &AccountView, recorded: &Recorded) -> AccountView {
    AccountView { version: recorded.version.max(account.version), ..account.clone() }
}

/// The account after an event, and the line of its statement if there is one.
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

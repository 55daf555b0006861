//! An account: what has happened to it says what it may do.

use serde::{Deserialize, Serialize};

use super::{Command, Event, MOST_CENTS};

/// An account, as the events made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Account {
    /// Nobody has opened it.
    #[default]
    Unopened,
    /// It is in use.
    Open {
        /// What it holds.
        cents: u64,
    },
    /// It was closed.
    Closed,
}

/// Why nothing happens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has never been opened.
    #[error("the account has not been opened")]
    NotOpened,
    /// It can be opened once.
    #[error("the account has been opened already")]
    Opened,
    /// It was closed for good.
    #[error("the account is closed")]
    Closed,
    /// Nobody was named.
    #[error("`owner` has to be a name of at most 200 characters")]
    NoOwner,
    /// There is no such amount.
    #[error("`cents` has to be at least 1, and small enough that the account can hold it")]
    NoAmount,
    /// The reference is too long for a statement.
    #[error("`reference` has to be at most 200 characters")]
    LongReference,
    /// No database keeps it the same.
    #[error("`{field}` has a NUL character, which is no text")]
    Nul {
        /// Where it is.
        field: &'static str,
    },
    /// More is wanted than is there.
    #[error("the account holds {cents} cents, which is not enough")]
    NotEnough {
        /// What is there.
        cents: u64,
    },
    /// Only an empty account can be closed.
    #[error("the account holds {cents} cents: take them out before you close it")]
    NotEmpty {
        /// What is there.
        cents: u64,
    },
}

impl Account {
    /// Makes it what it is after an event. Events have happened: whatever they say is so.
    #[must_use]
    pub fn after(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Opened { .. }) => Self::Open { cents: 0 },
            (Self::Open { cents }, Event::Deposited { cents: more, .. }) => {
                Self::Open { cents: cents.saturating_add(*more) }
            }
            (Self::Open { cents }, Event::Withdrawn { cents: less, .. }) => {
                Self::Open { cents: cents.saturating_sub(*less) }
            }
            (_, Event::Closed {}) => Self::Closed,
            (other, _) => other,
        }
    }

    /// What happens if this is wanted of the account as it is.
    ///
    /// # Errors
    ///
    /// Nothing happens, and why.
    pub fn decide(&self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let event = match (self, command) {
            (Self::Unopened, Command::Open { owner }) => {
                let is_name = !owner.trim().is_empty() && owner.chars().count() <= 200;
                ensure(is_name, Refusal::NoOwner)?;
                ensure(!owner.contains('\0'), Refusal::Nul { field: "owner" })?;
                Event::Opened { owner: owner.clone() }
            }
            (_, Command::Open { .. }) => return Err(Refusal::Opened),
            (Self::Unopened, _) => return Err(Refusal::NotOpened),
            (Self::Closed, _) => return Err(Refusal::Closed),
            (Self::Open { cents: held }, Command::Deposit { cents, reference }) => {
                let is_amount = *cents > 0 && held.checked_add(*cents).is_some_and(|sum| sum <= MOST_CENTS);
                ensure(is_amount, Refusal::NoAmount)?;
                Event::Deposited { cents: *cents, reference: short(reference)? }
            }
            (Self::Open { cents: held }, Command::Withdraw { cents, reference }) => {
                ensure(*cents > 0, Refusal::NoAmount)?;
                ensure(cents <= held, Refusal::NotEnough { cents: *held })?;
                Event::Withdrawn { cents: *cents, reference: short(reference)? }
            }
            (Self::Open { cents }, Command::Close) => {
                ensure(*cents == 0, Refusal::NotEmpty { cents: *cents })?;
                Event::Closed {}
            }
        };
        Ok(vec![event])
    }
}

fn short(reference: &str) -> Result<String, Refusal> {
    ensure(reference.chars().count() <= 200, Refusal::LongReference)?;
    ensure(!reference.contains('\0'), Refusal::Nul { field: "reference" })?;
    Ok(reference.to_owned())
}

fn ensure(holds: bool, otherwise: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(otherwise) }
}

//! The rules of an account: its state follows from its events and decides commands.

use serde::{Deserialize, Serialize};

use super::{Command, Event, MOST_CENTS};

/// The state of an account after its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Account {
    /// The account has not been opened.
    #[default]
    Unopened,
    /// The account is open.
    Open {
        /// The balance, in cents.
        cents: u64,
    },
    /// The account is closed.
    Closed,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The account has not been opened.
    #[error("the account has not been opened")]
    NotOpened,
    /// The account has already been opened.
    #[error("the account has been opened already")]
    Opened,
    /// The account is closed for good.
    #[error("the account is closed")]
    Closed,
    /// The owner's name is missing or too long.
    #[error("`owner` has to be a name of at most 200 characters")]
    NoOwner,
    /// The amount is 0 or too large.
    #[error("`cents` has to be at least 1, and small enough that the account can hold it")]
    NoAmount,
    /// The reference is too long for a statement.
    #[error("`reference` has to be at most 200 characters")]
    LongReference,
    /// The text has a NUL character, which not every database can store.
    #[error("`{field}` has a NUL character, which is no text")]
    Nul {
        /// The field with the character.
        field: &'static str,
    },
    /// The balance is too low.
    #[error("the account holds {cents} cents, which is not enough")]
    NotEnough {
        /// The balance, in cents.
        cents: u64,
    },
    /// An account with a balance can't be closed.
    #[error("the account holds {cents} cents: take them out before you close it")]
    NotEmpty {
        /// The balance, in cents.
        cents: u64,
    },
}

impl Account {
    /// The state after an event. Events have happened, so they are applied without a check.
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

    /// The events that a command causes.
    ///
    /// # Errors
    ///
    /// The command is refused.
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

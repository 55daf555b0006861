//! The commands of an account.

use serde::{Deserialize, Serialize};

/// The state of an account that a command requires, as its caller has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The account exists.
    Opened,
    /// The account has one of these versions.
    Versions(Vec<i64>),
}

impl Seen {
    /// Whether an account of this version matches. Version 0 is an account that has not been opened.
    #[must_use]
    pub fn matches(&self, version: i64) -> bool {
        match self {
            Self::Opened => version > 0,
            Self::Versions(versions) => version > 0 && versions.contains(&version),
        }
    }
}

/// A command for an account. It may be refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Opens the account.
    Open {
        /// The owner of the account.
        owner: String,
    },
    /// Pays an amount in.
    Deposit {
        /// The amount, in cents.
        cents: u64,
        /// The reference of the payment.
        reference: String,
    },
    /// Takes an amount out.
    Withdraw {
        /// The amount, in cents.
        cents: u64,
        /// The reference of the payment.
        reference: String,
    },
    /// Closes the account. Its balance must be 0.
    Close,
}

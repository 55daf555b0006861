//! What is wanted of an account.

use serde::{Deserialize, Serialize};

/// What a caller has seen of an account, to which a command is to be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// That it has been opened.
    Opened,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl Seen {
    /// Is an account of this version as it was seen? Version 0 is an account that has not been opened.
    #[must_use]
    pub fn matches(&self, version: i64) -> bool {
        match self {
            Self::Opened => version > 0,
            Self::Versions(versions) => version > 0 && versions.contains(&version),
        }
    }
}

/// What is wanted of an account. It may be refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Open it, for this owner.
    Open {
        /// Who it belongs to.
        owner: String,
    },
    /// Pay something in.
    Deposit {
        /// How much, in cents.
        cents: u64,
        /// What for.
        reference: String,
    },
    /// Take something out.
    Withdraw {
        /// How much, in cents.
        cents: u64,
        /// What for.
        reference: String,
    },
    /// Close it. It has to be empty.
    Close,
}

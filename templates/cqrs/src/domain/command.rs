//! What is wanted of an account.

use serde::{Deserialize, Serialize};

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

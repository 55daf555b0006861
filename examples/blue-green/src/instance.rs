//! A version that runs.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// One of the two environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// The one where the first release goes.
    Blue,
    /// The other.
    Green,
}

/// A process that serves a version, in the environment of a colour.
///
/// No two processes are the same instance: a version that is started again is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// What tells it from all others.
    pub id: String,
    /// The idempotency key of the visit that started it.
    pub started_by: String,
    /// The version that it serves.
    pub version: String,
    /// The environment that it runs in.
    pub colour: Colour,
    /// Where it serves.
    pub address: SocketAddr,
    /// Its process.
    pub process: crate::slot::Process,
}

impl Colour {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Blue, Self::Green];

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }

    /// Its name: `blue`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Green => "green",
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, process {}, {})", self.version, self.colour, self.process.pid, self.address)
    }
}

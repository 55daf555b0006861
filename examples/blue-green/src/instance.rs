//! A running version.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// One of the two environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// The environment of the first release.
    Blue,
    /// The other environment.
    Green,
}

/// A process that serves a version in the environment of a color.
///
/// Each process is an instance of its own, even if it serves the same version as an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// The unique id.
    pub id: String,
    /// The idempotency key of the visit that started it.
    pub started_by: String,
    /// The version that it serves.
    pub version: String,
    /// The environment that it runs in.
    pub colour: Colour,
    /// The address that the instance serves on.
    pub address: SocketAddr,
    /// The process of the instance.
    pub process: crate::slot::Process,
}

impl Colour {
    /// Both colors.
    pub const ALL: [Self; 2] = [Self::Blue, Self::Green];

    /// The other color.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }

    /// The name: `blue` or `green`.
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

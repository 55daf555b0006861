//! The process that serves in an environment.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::files::{Files, write};
use super::process::Process;
use crate::instance::{Colour, Instance};

/// The permission to serve in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    /// The id of the instance.
    pub(super) id: String,
    /// The idempotency key of the visit that starts it.
    pub(super) started_by: String,
    pub(super) version: String,
    pub(super) colour: Colour,
}

/// A process that is about to serve in an environment.
#[derive(Clone, Debug)]
pub struct Tenant {
    files: Files,
    ticket: String,
}

impl Tenant {
    /// Creates the tenant for the arguments `{slot}` and `{ticket}` of the process.
    #[must_use]
    pub fn new(slot: PathBuf, ticket: String) -> Self {
        Self { files: Files::in_folder(slot), ticket }
    }

    /// Records the address of this process. If that fails, the process must end, since the controller could not
    /// find it.
    ///
    /// # Errors
    ///
    /// The ticket has been revoked, or the files can't be read or written.
    pub fn announce(&self, address: SocketAddr) -> io::Result<()> {
        let _lock = self.files.lock()?;
        let ticket = self.files.given()?.filter(|ticket| ticket.id == self.ticket);
        let too_late = || io::Error::other("the environment is not for this process, or not any more");
        let Ticket { id, started_by, version, colour } = ticket.ok_or_else(too_late)?;
        let instance = Instance { id, started_by, version, colour, address, process: Process::this()? };
        write(&self.files.instance(), &instance)
    }
}

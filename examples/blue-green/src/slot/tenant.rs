//! The side of the process that serves from an environment.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::files::{Files, write};
use super::process::Process;
use crate::instance::{Colour, Instance};

/// Says who may serve from an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    /// The instance that the process is to be.
    pub(super) id: String,
    /// The idempotency key of the visit that starts it.
    pub(super) started_by: String,
    pub(super) version: String,
    pub(super) colour: Colour,
}

/// A process that is to serve from an environment.
#[derive(Clone, Debug)]
pub struct Tenant {
    files: Files,
    ticket: String,
}

impl Tenant {
    /// Whoever was started with this `{slot}` and `{ticket}`.
    #[must_use]
    pub fn new(slot: PathBuf, ticket: String) -> Self {
        Self { files: Files::in_folder(slot), ticket }
    }

    /// Says where this process serves. Where that fails, it has to end: nobody would know of it.
    ///
    /// # Errors
    ///
    /// It came too late, and its ticket is not good any more; or the files can't be used.
    pub fn announce(&self, address: SocketAddr) -> io::Result<()> {
        let _lock = self.files.lock()?;
        let ticket = self.files.given()?.filter(|ticket| ticket.id == self.ticket);
        let too_late = || io::Error::other("the environment is not for this process, or not any more");
        let Ticket { id, started_by, version, colour } = ticket.ok_or_else(too_late)?;
        let instance = Instance { id, started_by, version, colour, address, process: Process::this()? };
        write(&self.files.instance(), &instance)
    }
}

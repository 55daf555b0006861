//! What a thread has used: the one measure that does not mind what else the machine does.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::runtime::{Builder, Runtime};

/// A runtime with one thread, and that thread.
pub(super) struct Thread {
    pub(super) runtime: Runtime,
    used: PathBuf,
}

impl Thread {
    pub(super) fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let itself = runtime
            .block_on(async { tokio::spawn(async { std::fs::read_link("/proc/thread-self") }).await })??;
        Ok(Self { runtime, used: PathBuf::from("/proc").join(itself).join("schedstat") })
    }

    /// The CPU time of the thread so far, its system calls included.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let used = std::fs::read_to_string(&self.used)?;
        let nanos = used.split(' ').next().context("there is no CPU time")?;
        Ok(Duration::from_nanos(nanos.parse()?))
    }
}

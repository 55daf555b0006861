//! What a child process used.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

/// What a process used, and every process that it waited for.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) user: Duration,
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    /// In bytes. Never less than what this program had at its peak when it started the child, so
    /// nothing here may hold much at once.
    pub(crate) peak: u64,
}

/// Runs a command that has to succeed.
pub(crate) fn of(command: &mut Command) -> Result<Usage> {
    let begun = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {command:?}"))?;
    let used = child.wait4()?;
    let wall = begun.elapsed();
    ensure!(used.status.success(), "{command:?}: {}", used.status);
    let used = used.rusage;
    Ok(Usage { user: used.utime, cpu: used.utime + used.stime, wall, peak: used.maxrss })
}

//! Identifies processes, even if process ids are reused.

use std::io;

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

/// A process. Its id may be reused after it has ended, but not with the same start time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The process id.
    pub pid: u32,
    /// The start time, in the format of the system.
    pub started: String,
}

impl Process {
    /// The current process.
    ///
    /// # Errors
    ///
    /// The system does not report the start time.
    pub fn this() -> io::Result<Self> {
        let pid = std::process::id();
        let started = started(pid)?;
        let nobody = || io::Error::other("the system does not know this process");
        Ok(Self { pid, started: started.ok_or_else(nobody)? })
    }

    /// Whether the process is running.
    ///
    /// # Errors
    ///
    /// The system does not report it.
    pub fn runs(&self) -> io::Result<bool> {
        Ok(started(self.pid)?.is_some_and(|started| started == self.started))
    }

    /// Asks the process to end.
    ///
    /// # Errors
    ///
    /// The process can't be signaled.
    pub fn terminate(&self) -> io::Result<()> {
        self.signal(Signal::TERM)
    }

    /// Kills the process.
    ///
    /// # Errors
    ///
    /// The process can't be signaled.
    pub fn kill(&self) -> io::Result<()> {
        self.signal(Signal::KILL)
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        match pid {
            Some(pid) if self.runs()? => match kill_process(pid, signal) {
                Err(rustix::io::Errno::SRCH) => Ok(()),
                told => Ok(told?),
            },
            _ => Ok(()),
        }
    }
}

/// The start time of a process, in ticks since the machine was booted. `None` if the process has ended, including
/// zombies, whose exit status has not been read yet.
#[cfg(target_os = "linux")]
fn started(pid: u32) -> io::Result<Option<String>> {
    let stat = match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat,
        // The process has ended, possibly during this read.
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(why) if why.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => return Ok(None),
        Err(why) => return Err(why),
    };
    // The program's name is in parentheses and may contain any character.
    let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    match fields.next() {
        None | Some("Z" | "X") => Ok(None),
        Some(_) => Ok(fields.nth(18).map(str::to_owned)),
    }
}

/// The same on systems without `/proc`, with a resolution of one second.
#[cfg(not(target_os = "linux"))]
fn started(pid: u32) -> io::Result<Option<String>> {
    let ps =
        std::process::Command::new("ps").args(["-o", "stat=,lstart=", "-p", &pid.to_string()]).output()?;
    let said = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
    let runs = !said.is_empty() && !said.starts_with('Z');
    Ok(runs.then(|| said.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use super::Process;

    #[test]
    fn a_process_runs_until_it_is_killed() {
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = child.id();
        let process = Process { pid, started: super::started(pid).unwrap().unwrap() };
        assert!(process.runs().unwrap());
        process.kill().unwrap();
        let started = std::time::Instant::now();
        while process.runs().unwrap() {
            assert!(started.elapsed().as_secs() < 30, "it does not end");
            std::thread::yield_now();
        }
        child.wait().unwrap();
        process.kill().unwrap();
    }

    #[test]
    fn another_process_with_the_same_id_is_not_stopped() {
        let this = Process::this().unwrap();
        let another = Process { started: "1".to_owned(), ..this.clone() };
        assert!(this.runs().unwrap() && !another.runs().unwrap());
        another.kill().unwrap();
    }
}

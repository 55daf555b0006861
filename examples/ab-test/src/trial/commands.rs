//! Two commands, executed one after the other.

use std::process::Stdio;
use std::time::{Duration, Instant};

use flowgen::Fault;
use tokio::process::Command;

use super::{Trial, timed};
use crate::variant::Variant;

/// Two commands. Each execution is a unit.
///
/// The commands are executed one at a time, in the order of the assignment, without a shell, and with neither
/// input nor output. The latency is the time from the start of the process to its end. A nonzero exit code or a
/// timeout counts as a failure.
#[derive(Clone, Debug)]
pub struct Commands {
    lines: [Vec<String>; 2],
    warm_up: usize,
    timeout: Duration,
}

impl Commands {
    /// The commands, split into words as in a shell. Each is executed `warm_up` times before anything is measured,
    /// and every execution has this timeout.
    ///
    /// # Errors
    ///
    /// A command is empty or has an unclosed quote. The text describes the error.
    pub fn new(a: &str, b: &str, warm_up: usize, timeout: Duration) -> Result<Self, String> {
        Ok(Self { lines: [words(a)?, words(b)?], warm_up, timeout })
    }

    fn words(&self, variant: Variant) -> &[String] {
        let [a, b] = &self.lines;
        match variant {
            Variant::A => a,
            Variant::B => b,
        }
    }

    /// Executes the command of the variant once.
    async fn run(&self, variant: Variant) -> (Duration, Result<(), String>) {
        let words = self.words(variant);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let ended = tokio::time::timeout(self.timeout, command.status()).await;
        let took = begun.elapsed();
        let what = match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(status.to_string()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("it takes longer than {:?}", self.timeout)),
        };
        (took, what)
    }
}

/// The words of a command, of which there is at least one.
fn words(line: &str) -> Result<Vec<String>, String> {
    match shlex::split(line) {
        Some(words) if words.is_empty() => Err("a command is empty".to_owned()),
        Some(words) => Ok(words),
        None => Err(format!("a quote in `{line}` is not closed")),
    }
}

impl Trial for Commands {
    async fn warm_up(&self) -> flowgen::Result {
        for _ in 0..self.warm_up.max(1) {
            for variant in [Variant::A, Variant::B] {
                if let (_, Err(why)) = self.run(variant).await {
                    let line = self.words(variant).join(" ");
                    return Err(Fault::new(format!("`{line}` can't be compared: {why}")));
                }
            }
        }
        Ok(())
    }

    async fn arrivals(&self, before: usize, most: usize) -> flowgen::Result<Vec<String>> {
        Ok(timed::numbered("run", before, most))
    }

    async fn measure(&self, _: &str, variant: Variant) -> flowgen::Result<Option<Vec<f64>>> {
        let (took, ended) = self.run(variant).await;
        Ok(Some(timed::values(took, ended.is_err())))
    }
}

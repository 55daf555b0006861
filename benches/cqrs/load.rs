//! The same load for both banks. Each is a process of its own, which prints its figures in a line.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;

/// A bank that is measured.
pub trait Bank: Send + Sync + 'static {
    /// What a command gives, by which a query shows what it did.
    type Token: Copy + Send;

    /// Opens an account.
    fn open(&self, account: &str) -> impl Future<Output = anyhow::Result<Self::Token>> + Send;

    /// Pays a cent in, under an id of its own.
    fn pay(&self, account: &str, id: String) -> impl Future<Output = anyhow::Result<Self::Token>> + Send;

    /// How many cents the view shows, once it shows what the command did that gave this token.
    fn show(&self, account: &str, token: Self::Token) -> impl Future<Output = anyhow::Result<u64>> + Send;
}

/// What is asked of a bank, as arguments of its process.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// How many customers send commands at once, each of them one after the other.
    pub at_once: usize,
    /// How many commands each of them sends.
    pub each: usize,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Commands that were answered, a second.
    pub answered: f64,
    /// Commands that the view showed, a second: until the last one was shown.
    pub shown: f64,
    /// From the sending of a command until the view shows it, the median.
    pub until_shown: Duration,
    /// The same, which one of a hundred exceeds.
    pub until_shown_p99: Duration,
    /// From the answer to a command until the view shows it, the median.
    pub lag: Duration,
}

/// Each customer's accounts: so many that no history gets long.
const ACCOUNTS: usize = 16;

/// Commands whose way to the view is timed, one at a time.
const TIMED: usize = 300;

impl Load {
    /// From the first two arguments.
    ///
    /// # Errors
    ///
    /// They are no numbers.
    pub fn from_args() -> anyhow::Result<Self> {
        let mut args = std::env::args().skip(1);
        let mut number = || args.next().context("two numbers are needed")?.parse().context("no number");
        Ok(Self { at_once: number()?, each: number()? })
    }

    /// Measures a bank.
    ///
    /// # Errors
    ///
    /// The bank fails, or shows something else than was paid.
    pub async fn measure<B: Bank>(self, bank: B) -> anyhow::Result<Figures> {
        let bank = Arc::new(bank);
        for customer in 0..self.at_once {
            for account in 0..ACCOUNTS {
                let account = format!("{customer}-{account}");
                let token = bank.open(&account).await?;
                bank.show(&account, token).await?;
            }
        }
        let start = Instant::now();
        let mut customers = JoinSet::new();
        for customer in 0..self.at_once {
            let bank = Arc::clone(&bank);
            customers.spawn(async move {
                let mut last = None;
                for nth in 0..self.each {
                    let account = format!("{customer}-{}", nth % ACCOUNTS);
                    let token = bank.pay(&account, format!("pay-{customer}-{nth}")).await?;
                    last = Some((account, token, nth / ACCOUNTS + 1));
                }
                anyhow::Ok(last)
            });
        }
        let mut last = Vec::new();
        while let Some(came) = customers.join_next().await {
            last.extend(came??);
        }
        let answered = start.elapsed();
        for (account, token, cents) in last {
            let shown = bank.show(&account, token).await?;
            anyhow::ensure!(shown == cents as u64, "{account} shows {shown} cents, and not {cents}");
        }
        let shown = start.elapsed();
        let all = f64::from(u32::try_from(self.at_once * self.each)?);
        let (mut until, mut lag) = (Vec::new(), Vec::new());
        for nth in 0..TIMED {
            let account = format!("0-{}", nth % ACCOUNTS);
            let sent = Instant::now();
            let token = bank.pay(&account, format!("timed-{nth}")).await?;
            let answered = Instant::now();
            bank.show(&account, token).await?;
            until.push(sent.elapsed());
            lag.push(answered.elapsed());
        }
        until.sort_unstable();
        lag.sort_unstable();
        Ok(Figures {
            answered: all / answered.as_secs_f64(),
            shown: all / shown.as_secs_f64(),
            until_shown: until[TIMED / 2],
            until_shown_p99: until[TIMED * 99 / 100],
            lag: lag[TIMED / 2],
        })
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { answered, shown, .. } = self;
        let micros = |time: Duration| time.as_micros();
        let (until, p99, lag) = (micros(self.until_shown), micros(self.until_shown_p99), micros(self.lag));
        write!(f, "{answered} {shown} {until} {p99} {lag}")
    }
}

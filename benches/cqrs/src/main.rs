//! Commands a second, and how long it takes until the view shows them: the bank of `examples/cqrs` beside
//! the same bank on cqrs-es, in turn, on SQLite with the same journal and durability.
//!
//! Without arguments it measures both and prints ratios; with two it is the bank that is measured.

#[path = "../load.rs"]
mod load;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use cqrs::bank::{Handled, Policy, Told};
use cqrs::clock::Clock;
use cqrs::domain::Command as Wanted;
use cqrs::lanes::Receiver;
use cqrs::store::Store;
use cqrs::view::{Answer, Question};
use flowgen::Retry;

use load::{Bank, Figures, Load};

/// An odd number, for a median.
const ROUNDS: usize = 5;

/// Customers at once, and commands of each.
const LOADS: [(usize, usize); 2] = [(1, 300), (32, 60)];

/// Connections of the peer's pool: its own default, and the one that writers don't wait for each other on.
const CONNECTIONS: [usize; 2] = [10, 1];

struct This(cqrs::Bank);

impl This {
    async fn open(file: &Path) -> Result<Self> {
        let policy = Policy {
            tries: 5,
            snapshot_every: 100,
            batch: 500,
            wait: Duration::from_mins(1),
            retry: Retry::max_retries(3),
            timeout: Duration::from_mins(1),
            receiver: Receiver::Log,
        };
        let store = Store::open(file.to_str().context("no path")?).await?;
        Ok(Self(cqrs::Bank::open(store, &Clock::system(), policy).await?))
    }

    async fn send(&self, account: &str, id: String, wanted: Wanted) -> Result<i64> {
        match self.0.command(id, account.to_owned(), wanted, None).await? {
            Handled::Done(receipt) => Ok(receipt.position),
            other => bail!("{account}: {other:?}"),
        }
    }
}

impl Bank for This {
    type Token = i64;

    async fn open(&self, account: &str) -> Result<i64> {
        self.send(account, format!("open-{account}"), Wanted::Open { owner: "Somebody".to_owned() }).await
    }

    async fn pay(&self, account: &str, id: String) -> Result<i64> {
        self.send(account, id, Wanted::Deposit { cents: 1, reference: "wages".to_owned() }).await
    }

    async fn show(&self, account: &str, token: i64) -> Result<u64> {
        match self.0.query(Question::Account(account.to_owned()), token).await? {
            Told::Answer(Answer::Account(account), _) => Ok(u64::try_from(account.cents)?),
            other => bail!("{account}: {other:?}"),
        }
    }
}

fn main() -> Result<()> {
    if std::env::args().len() > 1 {
        return tokio::runtime::Runtime::new()?.block_on(async {
            let folder = tempfile::tempdir()?;
            let bank = This::open(&folder.path().join("bank.db")).await?;
            println!("{}", Load::from_args()?.measure(bank).await?);
            Ok(())
        });
    }
    let peer = build_peer()?;
    let this = std::env::current_exe()?;
    println!(
        "| customers at once | | answered a second | shown a second | until shown, median | p99 | lag behind the answer |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (at_once, each) in LOADS {
        let load = [at_once.to_string(), each.to_string()];
        let mut came: Vec<Vec<Figures>> = vec![Vec::new(); 1 + CONNECTIONS.len()];
        for _ in 0..ROUNDS {
            came[0].push(run(&this, &load)?);
            for (nth, connections) in CONNECTIONS.iter().enumerate() {
                let args = [load[0].clone(), load[1].clone(), connections.to_string()];
                came[nth + 1].push(run(&peer, &args)?);
            }
        }
        let medians: Vec<Figures> = came.into_iter().map(|rounds| median(&rounds)).collect();
        print(at_once, "this", &medians[0]);
        for (nth, connections) in CONNECTIONS.iter().enumerate() {
            print(at_once, &format!("cqrs-es, {connections} connection(s)"), &medians[nth + 1]);
        }
        let best = if medians[1].answered > medians[2].answered { &medians[1] } else { &medians[2] };
        let of = |this: f64, that: f64| format!("{:.2}", this / that);
        let seconds = |time: Duration| time.as_secs_f64();
        println!(
            "| {at_once} | this ÷ the better one | {} | {} | {} | {} | |",
            of(medians[0].answered, best.answered),
            of(medians[0].shown, best.shown),
            of(seconds(medians[0].until_shown), seconds(best.until_shown)),
            of(seconds(medians[0].until_shown_p99), seconds(best.until_shown_p99)),
        );
    }
    Ok(())
}

/// Builds the peer, which can't be in the same program.
fn build_peer() -> Result<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peer");
    let mut build = Command::new("cargo");
    build
        .args(["build", "--release", "--quiet", "--locked", "--manifest-path"])
        .arg(folder.join("Cargo.toml"));
    let status = build.env("CARGO_TARGET_DIR", folder.join("target")).status()?;
    ensure!(status.success(), "the peer can't be built");
    Ok(folder.join("target/release/flowgen-bench-cqrs-peer"))
}

/// Runs a bank in a process of its own, and reads its figures.
fn run(program: &Path, args: &[String]) -> Result<Figures> {
    let output = Command::new(program).args(args).output()?;
    ensure!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    let line = String::from_utf8(output.stdout)?;
    let mut numbers = line.split_whitespace().map(|number| number.parse::<f64>().context("no number"));
    let mut next = || numbers.next().context("a figure is missing")?;
    let (answered, shown) = (next()?, next()?);
    let mut micros = || anyhow::Ok(Duration::from_secs_f64(next()? / 1e6));
    Ok(Figures { answered, shown, until_shown: micros()?, until_shown_p99: micros()?, lag: micros()? })
}

/// The median of each figure by itself.
fn median(rounds: &[Figures]) -> Figures {
    let number = |figure: fn(&Figures) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(figure).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let time = |figure| Duration::from_secs_f64(number(figure));
    Figures {
        answered: number(|of| of.answered),
        shown: number(|of| of.shown),
        until_shown: time(|of| of.until_shown.as_secs_f64()),
        until_shown_p99: time(|of| of.until_shown_p99.as_secs_f64()),
        lag: time(|of| of.lag.as_secs_f64()),
    }
}

fn print(at_once: usize, name: &str, figures: &Figures) {
    let Figures { answered, shown, until_shown, until_shown_p99, lag } = figures;
    println!(
        "| {at_once} | {name} | {answered:.0} | {shown:.0} | {until_shown:.2?} | {until_shown_p99:.2?} | {lag:.2?} |"
    );
}

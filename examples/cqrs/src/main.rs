//! `serve` serves a bank; without a command, the program shows what it does.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use cqrs::clock::Clock;
use cqrs::service::{in_full, serve, settings, telemetry};
use cqrs::settings::Settings;
use cqrs::{App, demo};

/// Commands that append events and queries that read a view which follows them, apart from each other.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a bank, sends it commands and queries, and shows what becomes of them.
    Demo,
    /// Serves until it is told to stop by Ctrl-C or SIGTERM.
    Serve {
        /// A TOML file of settings; variables like `BANK__QUERIES__BATCH` count more.
        #[arg(long)]
        settings: Option<PathBuf>,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Args::parse().command.unwrap_or(Command::Demo) {
        Command::Demo => demo::show().await,
        Command::Serve { settings } => run(settings).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", in_full(&*failure));
            ExitCode::FAILURE
        }
    }
}

async fn run(file: Option<PathBuf>) -> Result<(), Failure> {
    let settings: Settings = settings::load(file.as_deref())?;
    let _telemetry = telemetry::start(settings.log)?;
    let app = App::start(settings, &Clock::system()).await?;
    println!("accounts at http://{}, operators at http://{}", app.address(), app.operators());
    let stop = async {
        if let Err(why) = serve::told_to_stop().await {
            tracing::error!(%why, "signals can't be listened to, so this stops now");
        }
    };
    Ok(app.run(stop).await?)
}

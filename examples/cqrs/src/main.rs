//! `serve` serves a bank. Without a command, the program runs the demo.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use cqrs::clock::Clock;
use cqrs::service::{in_full, serve, settings, telemetry};
use cqrs::settings::Settings;
use cqrs::{App, demo};

/// Commands append events. Queries read a view that is updated from these events, separately from the commands.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a bank, sends commands and queries, and shows the results.
    Demo,
    /// Serves until Ctrl-C or SIGTERM.
    Serve {
        /// A TOML file of settings. Variables like `BANK__QUERIES__BATCH` override it.
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

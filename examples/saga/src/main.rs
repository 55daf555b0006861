//! `serve` serves orders. Without a command, the program places three orders and shows their results.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

use saga::service::{in_full, serve, settings, telemetry};
use saga::settings::Settings;
use saga::{App, demo};

/// A distributed transaction over services, rolled back by compensations when a part fails.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a service, places three orders and shows their results.
    Demo,
    /// Serves until Ctrl-C or SIGTERM.
    Serve {
        /// A TOML file of settings. Variables like `SHOP__SHOP__STOCK` override it.
        #[arg(long)]
        settings: Option<PathBuf>,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = Runtime::new().map_err(Failure::from).and_then(|runtime| {
        let done = runtime.block_on(async {
            match args.command.unwrap_or(Command::Demo) {
                Command::Demo => demo::show().await,
                Command::Serve { settings } => run(settings).await,
            }
        });
        // Does not wait for the blocking work of interrupted steps: they are repeated under the same keys.
        runtime.shutdown_background();
        done
    });
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
    let app = App::start(settings).await?;
    println!("orders at http://{}, operators at http://{}", app.address(), app.operators());
    let stop = async {
        if let Err(why) = serve::told_to_stop().await {
            tracing::error!(%why, "signals can't be listened to, so this stops now");
        }
    };
    Ok(app.run(stop).await?)
}

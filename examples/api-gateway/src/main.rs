//! `serve` serves. Without a command, the program runs the demo.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use api_gateway::service::{in_full, serve, settings, telemetry};
use api_gateway::settings::Settings;
use api_gateway::{App, Proxy, demo};

/// One entry point for several backends: tokens, rate limits, routes, circuit breakers and aggregation.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a gateway and two backends, sends requests, and shows the responses.
    Demo,
    /// Serves until Ctrl-C or SIGTERM. SIGHUP reloads the routes.
    Serve {
        /// A TOML file of settings. Variables like `GATEWAY__AUTH__LEEWAY_S` override it.
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
    let app = App::start(settings).await?;
    println!("clients at http://{}, operators at http://{}", app.address(), app.operators());
    reload_on_hangup(Arc::clone(app.proxy()))?;
    let stop = async {
        if let Err(why) = serve::told_to_stop().await {
            tracing::error!(%why, "signals can't be listened to, so this stops now");
        }
    };
    Ok(app.run(stop).await?)
}

/// Reloads the routes on SIGHUP, on platforms that have this signal.
#[cfg_attr(not(unix), allow(clippy::unnecessary_wraps, unused_variables))]
fn reload_on_hangup(proxy: Arc<Proxy>) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                let proxy = Arc::clone(&proxy);
                let reloaded = tokio::task::spawn_blocking(move || proxy.routes().reload()).await;
                if let Ok(Err(why)) = reloaded {
                    tracing::error!(why = in_full(&why), "the routes stay as they were");
                }
            }
        });
    }
    Ok(())
}

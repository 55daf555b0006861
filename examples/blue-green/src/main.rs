//! The balancer, the controller of releases, a version, and what operators say.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use flowgen::report::Status;

use blue_green::balancer::Balancer;
use blue_green::controller::{Client, Controller, View};
use blue_green::service::{serve, settings, telemetry};
use blue_green::settings::{App, Settings};
use blue_green::slot::Tenant;
use blue_green::{app, demo};

/// A new version beside the old one, tested, switched to, watched, and reverted at once if it is worse.
#[derive(Debug, Parser)]
#[command(version)]
struct Command {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    with: With,
}

#[derive(Debug, Args)]
struct With {
    /// A TOML file of settings; variables like `BLUE_GREEN__WATCH__FOR_MS` count more.
    #[arg(long, global = true)]
    settings: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Releases three versions under load, one of them bad, and shows what users saw (the default).
    Demo,
    /// Hands requests on to the version that serves.
    Balancer,
    /// Runs releases.
    Controller,
    /// Serves a version.
    App {
        /// The version.
        #[arg(long)]
        version_name: String,
        /// Where to listen, instead of where the settings say.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// The environment to serve from, and the ticket for it, where a controller has started this.
        #[arg(long, requires = "ticket")]
        slot: Option<PathBuf>,
        /// The ticket.
        #[arg(long, requires = "slot")]
        ticket: Option<String>,
    },
    /// Releases a version, and waits until it serves or the old one does again (exit code 1).
    Release {
        /// The version.
        version: String,
        /// A name for the release: under one that is known, it waits for that one.
        #[arg(long)]
        id: Option<String>,
        /// Does not wait.
        #[arg(long)]
        no_wait: bool,
    },
    /// Shows a release, or the latest ones.
    Status {
        /// The release.
        id: Option<String>,
    },
    /// Ends the watch of the release under way: its version is good.
    Promote {
        /// The release, if not that one.
        id: Option<String>,
    },
    /// Calls the release under way off: the old version serves again.
    Abort {
        /// The release, if not that one.
        id: Option<String>,
    },
    /// Tries once more to undo what the release is stuck with.
    Retry {
        /// The release, if not that one.
        id: Option<String>,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let Command { role, with } = Command::parse();
    match run(role.unwrap_or(Role::Demo), with).await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(role: Role, with: With) -> Result<ExitCode, Failure> {
    if let Role::Demo = role {
        return Ok(if demo::show().await? { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let mut settings: Settings = settings::load(with.settings.as_deref())?;
    let controller = Client::new(settings.controller.listen);
    match role {
        Role::Balancer | Role::Controller | Role::App { .. } => {
            let _telemetry = telemetry::start(settings.log)?;
            if settings.app.command.is_empty() {
                settings.app.command = App::served_by(&std::env::current_exe()?, with.settings.as_deref());
            }
            serve(role, settings).await?;
            Ok(ExitCode::SUCCESS)
        }
        Role::Release { version, id, no_wait } => {
            let begun = controller.release(&version, id.as_deref()).await?;
            let view = if no_wait { begun } else { controller.through(&begun.id).await? };
            println!("{view}");
            let is_good = matches!(view.status, Status::Completed | Status::Running);
            Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Role::Status { id } => {
            let views = match id {
                Some(id) => vec![controller.show(&id).await?],
                None => controller.releases().await?,
            };
            views.iter().for_each(|view| println!("{view}"));
            Ok(ExitCode::SUCCESS)
        }
        Role::Promote { id } => tell(&controller, id, "promote").await,
        Role::Abort { id } => tell(&controller, id, "abort").await,
        Role::Retry { id } => tell(&controller, id, "retry").await,
        Role::Demo => Ok(ExitCode::SUCCESS),
    }
}

/// Says something of a release, of the one under way unless another is named.
async fn tell(controller: &Client, id: Option<String>, what: &str) -> Result<ExitCode, Failure> {
    let id = match id {
        Some(id) => id,
        None => controller.under_way().await?.id,
    };
    let view: View = controller.tell(&id, what).await?;
    println!("{view}");
    Ok(ExitCode::SUCCESS)
}

async fn serve(role: Role, settings: Settings) -> Result<(), Failure> {
    let stop = async {
        if let Err(why) = serve::told_to_stop().await {
            tracing::error!(%why, "signals can't be listened to, so this stops now");
        }
    };
    match role {
        Role::Balancer => {
            let balancer = Balancer::start(settings).await?;
            println!("balancer at http://{}, admin at http://{}", balancer.address(), balancer.admin());
            Ok(balancer.run(stop).await?)
        }
        Role::Controller => {
            let controller = Controller::start(settings).await?;
            println!("operators at http://{}", controller.address());
            Ok(controller.run(stop).await?)
        }
        Role::App { version_name, listen, slot, ticket } => {
            let tenant = slot.zip(ticket).map(|(slot, ticket)| Tenant::new(slot, ticket));
            let listen = listen.unwrap_or(settings.app.listen);
            let (limits, drain) = (settings.limits(), Duration::from_millis(settings.app.stop_ms));
            Ok(app::run(&version_name, listen, tenant, limits, drain, stop).await?)
        }
        _ => Ok(()),
    }
}

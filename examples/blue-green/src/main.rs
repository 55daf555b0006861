//! The command line: the balancer, the controller of releases, a version, and the commands for operators.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use flowgen::report::Status;
use uuid::Uuid;

use blue_green::balancer::Balancer;
use blue_green::controller::{Client, ClientError, Controller, View};
use blue_green::service::{in_full, serve, settings, telemetry};
use blue_green::settings::{App, BalancerKind, Settings};
use blue_green::slot::Tenant;
use blue_green::{app, demo};

/// Starts a new version beside the old one, tests it, switches to it, watches it, and reverts at once if it is
/// worse.
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
    /// A TOML file of settings. Variables like `BLUE_GREEN__WATCH__FOR_MS` override it.
    #[arg(long, global = true)]
    settings: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Releases three versions under load, one of them bad, and shows the responses to users (the default).
    Demo,
    #[command(flatten)]
    Process(Process),
    #[command(flatten)]
    Operator(Operator),
}

/// The servers. They run until Ctrl-C or SIGTERM.
#[derive(Debug, Subcommand)]
enum Process {
    /// Forwards requests to the live version.
    Balancer,
    /// Runs releases.
    Controller {
        /// The load balancer, instead of the one in the settings: `embedded`, or `haproxy:` and the path of
        /// HAProxy's socket.
        #[arg(long, value_name = "KIND")]
        balancer: Option<BalancerKind>,
    },
    /// Serves a version.
    App {
        /// The version.
        #[arg(long)]
        version_name: String,
        /// The address to listen on, instead of the one in the settings.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// The environment to serve in, if a controller started this process.
        #[arg(long, requires = "ticket")]
        slot: Option<PathBuf>,
        /// The ticket for the environment.
        #[arg(long, requires = "slot")]
        ticket: Option<String>,
    },
}

/// The commands of operators to the controller.
#[derive(Debug, Subcommand)]
enum Operator {
    /// Releases a version and waits for the result. Exit code 1 if it does not serve, 2 if the result is unknown.
    Release {
        /// The version.
        version: String,
        /// The id of the release. An existing id refers to that release.
        #[arg(long)]
        id: Option<String>,
        /// Does not compare the version with the old one: it serves as soon as it has passed its smoke tests.
        #[arg(long, visible_alias = "force")]
        skip_watch: bool,
        /// Does not wait for the result.
        #[arg(long)]
        no_wait: bool,
    },
    /// Shows a release, or the latest ones.
    Status {
        /// The release id.
        id: Option<String>,
    },
    /// Promotes the current release: ends its watch, and the new version stays live.
    Promote {
        /// The release id. Default: the current release.
        id: Option<String>,
    },
    /// Aborts the current release: the old version serves again.
    Abort {
        /// The release id. Default: the current release.
        id: Option<String>,
    },
    /// Retries the failed compensations of a stuck release.
    Retry {
        /// The release id. Default: the current release.
        id: Option<String>,
    },
}

/// How often beginning a release is retried if the controller does not answer, and the pause in between.
const BEGIN_TRIES: u32 = 10;
const BEGIN_PAUSE: Duration = Duration::from_millis(300);

/// The command was refused, or its result is unknown.
const UNKNOWN: u8 = 2;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let Command { role, with } = Command::parse();
    match run(role.unwrap_or(Role::Demo), with).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            note(&format!("error: {}", in_full(&*failure)));
            ExitCode::from(UNKNOWN)
        }
    }
}

/// Returns whether everything succeeded.
async fn run(role: Role, With { settings: file }: With) -> Result<bool, Failure> {
    match role {
        Role::Demo => demo::show().await,
        Role::Process(process) => serve(process, file).await.map(|()| true),
        Role::Operator(operator) => {
            let settings: Settings = settings::load(file.as_deref())?;
            let controller = Client::new(settings.controller.listen).with_token(settings.access.token()?);
            tell(operator, &controller).await
        }
    }
}

async fn serve(process: Process, file: Option<PathBuf>) -> Result<(), Failure> {
    let mut settings: Settings = settings::load(file.as_deref())?;
    let _telemetry = telemetry::start(settings.log)?;
    if settings.app.command.is_empty() {
        settings.app.command = App::served_by(&std::env::current_exe()?, file.as_deref());
    }
    let stop = async {
        if let Err(why) = serve::told_to_stop().await {
            tracing::error!(%why, "signals can't be listened to, so this stops now");
        }
    };
    match process {
        Process::Balancer => {
            let kind = &settings.balancer.kind;
            if *kind != BalancerKind::Embedded {
                return Err(format!("`balancer.kind` is `{kind}`: start HAProxy instead").into());
            }
            let balancer = Balancer::start(settings).await?;
            println!("balancer at http://{}, admin at http://{}", balancer.address(), balancer.admin());
            balancer.run(stop).await?;
        }
        Process::Controller { balancer } => {
            settings.balancer.kind = balancer.unwrap_or(settings.balancer.kind);
            let controller = Controller::start(settings).await?;
            println!("operators at http://{}", controller.address());
            controller.run(stop).await?;
        }
        Process::App { version_name, listen, slot, ticket } => {
            let tenant = slot.zip(ticket).map(|(slot, ticket)| Tenant::new(slot, ticket));
            let listen = listen.unwrap_or(settings.app.listen);
            let (limits, drain) = (settings.limits(), Duration::from_millis(settings.app.stop_ms));
            app::run(&version_name, listen, tenant, limits, drain, stop).await?;
        }
    }
    Ok(())
}

async fn tell(operator: Operator, controller: &Client) -> Result<bool, Failure> {
    let (id, what) = match operator {
        Operator::Release { version, id, skip_watch, no_wait } => {
            // The id is chosen here, so that repeating the call after a lost answer begins no second release.
            let id = id.unwrap_or_else(|| Uuid::new_v4().to_string());
            let begun = begin(controller, &version, &id, skip_watch).await?;
            let view = if no_wait { begun } else { controller.through_showing(&begun.id, note).await? };
            show(&view)?;
            return Ok(matches!(view.status, Status::Completed | Status::Running));
        }
        Operator::Status { id: Some(id) } => {
            show(&controller.show(&id).await?)?;
            return Ok(true);
        }
        Operator::Status { id: None } => {
            for view in controller.releases().await? {
                show(&view)?;
            }
            return Ok(true);
        }
        Operator::Promote { id } => (id, "promote"),
        Operator::Abort { id } => (id, "abort"),
        Operator::Retry { id } => (id, "retry"),
    };
    let id = match id {
        Some(id) => id,
        None => controller.under_way().await?.id,
    };
    show(&controller.tell(&id, what).await?)?;
    Ok(true)
}

/// Begins a release. Retries while the controller is being restarted.
async fn begin(controller: &Client, version: &str, id: &str, skip_watch: bool) -> Result<View, ClientError> {
    let mut tries = BEGIN_TRIES;
    loop {
        let begun = if skip_watch {
            controller.release_skipping_watch(version, Some(id)).await
        } else {
            controller.release(version, Some(id)).await
        };
        tries -= 1;
        match begun {
            Err(ClientError::Silent(..)) if tries > 0 => tokio::time::sleep(BEGIN_PAUSE).await,
            begun => return begun,
        }
    }
}

/// Prints a line for an operator. A closed pipe, as of `head`, is not an error.
fn show(text: &dyn std::fmt::Display) -> std::io::Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Prints a line on standard error. Ignores failures, since the release is awaited in any case.
fn note(waits: &str) {
    let _ = writeln!(std::io::stderr(), "{waits}");
}

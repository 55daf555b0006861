//! The environment of a color: a folder, and the process that serves in it.
//!
//! Processes outlive the controller that starts them, so their data is in files:
//!
//! | | |
//! |---|---|
//! | `ticket` | the permission to serve. Written before a process is started, removed before it is ended |
//! | `instance` | the process that serves. Written by itself, once it listens |
//! | `ended` | the keys of the last visits whose processes were ended. They must not start a process any more |
//! | `lock` | held while one of these files is read and changed |
//! | `log` | the output of the processes |
//!
//! A process announces itself only while it holds the ticket. A controller may be killed right after starting a
//! process. That process then either announces itself and is found, or finds no ticket and ends. No unknown
//! process remains.

mod files;
mod process;
mod tenant;

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::instance::{Colour, Instance};
use crate::settings::App;
use files::Files;
pub(crate) use files::{read, replace};
pub use process::Process;
pub use tenant::Tenant;
use tenant::Ticket;

/// The interval at which a starting or ending process is polled.
const LOOK: Duration = Duration::from_millis(10);

/// The environment of a color.
#[derive(Clone, Debug)]
pub struct Slot {
    colour: Colour,
    files: Files,
}

/// How the process of a version is started.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program and its arguments, in which `{version}`, `{slot}` and `{ticket}` are replaced.
    pub command: Vec<String>,
    /// The maximum time until the process listens.
    pub within: Duration,
    /// How long the previous process has to end after it was terminated. Then it is killed.
    pub grace: Duration,
}

/// Error from an environment.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// A file or a process can't be accessed.
    #[error("the environment {0} can't be used")]
    Io(Colour, #[source] std::io::Error),
    /// The program can't be started.
    #[error("`{0}` can't be started")]
    Program(String, #[source] std::io::Error),
    /// The process was started and did not begin to listen.
    #[error("version {version} {how} before it served; see {}", .log.display())]
    NotServing {
        /// The version.
        version: String,
        /// What happened instead.
        how: String,
        /// The log of the process.
        log: PathBuf,
    },
    /// The process of the visit was already ended. A later start, for example by a timed-out attempt, is refused.
    #[error("nothing is started for {0} any more: what it started was ended")]
    Ended(String),
    /// The process does not end even after it was killed.
    #[error("{0} does not end")]
    Endless(Box<Instance>),
}

impl Launch {
    /// Creates the launch parameters from the settings.
    #[must_use]
    pub fn new(app: &App) -> Self {
        Self {
            command: app.command.clone(),
            within: Duration::from_millis(app.start_ms),
            grace: Duration::from_millis(app.stop_ms),
        }
    }
}

impl Slot {
    /// The environment of this color, in its own folder below `folder`.
    #[must_use]
    pub fn new(folder: &Path, colour: Colour) -> Self {
        Self { colour, files: Files::in_folder(folder.join(colour.name())) }
    }

    /// The running instance.
    ///
    /// # Errors
    ///
    /// The files can't be read.
    pub fn occupant(&self) -> Result<Option<Instance>, SlotError> {
        let announced: Option<Instance> = read(&self.files.instance()).map_err(self.io())?;
        match announced {
            Some(instance) if instance.process.runs().map_err(self.io())? => Ok(Some(instance)),
            _ => Ok(None),
        }
    }

    /// Starts a version in this environment and ends any other one in it. If this visit has already started an
    /// instance, returns that one.
    ///
    /// # Errors
    ///
    /// The process can't be started, ends at once or does not listen in time, or the instance of this visit was
    /// already ended.
    pub async fn start(
        &self,
        version: &str,
        started_by: &str,
        launch: &Launch,
    ) -> Result<Instance, SlotError> {
        let ticket = Ticket {
            id: Uuid::new_v4().to_string(),
            started_by: started_by.to_owned(),
            version: version.to_owned(),
            colour: self.colour,
        };
        match self.admit(&ticket)? {
            // Started by a controller that was killed before it could record the instance.
            Some(started) if started.started_by == started_by => return Ok(started),
            Some(left_over) => self.end_process(&left_over, launch.grace).await?,
            None => {}
        }
        let mut child = self.spawn(&ticket, launch)?;
        let comes = timeout(launch.within, self.comes(&ticket, &mut child)).await;
        let how = match comes {
            Ok(Ok(Ok(instance))) => {
                // Waits for the process in the background, so that it does not become a zombie when it ends.
                tokio::spawn(async move { child.wait().await });
                return Ok(instance);
            }
            Ok(Ok(Err(ended))) => format!("ended ({ended})"),
            Ok(Err(failed)) => return Err(failed),
            Err(_) => format!("did not listen within {:?}", launch.within),
        };
        child.kill().await.map_err(self.io())?;
        Err(SlotError::NotServing { version: ticket.version, how, log: self.files.log() })
    }

    /// Ends the process that a visit has started, even if it has not announced itself yet. It has `grace` to end,
    /// then it is killed. The visit can't start another one here.
    ///
    /// # Errors
    ///
    /// The process can't be ended.
    pub async fn end(&self, started_by: &str, grace: Duration) -> Result<(), SlotError> {
        match self.dismiss(started_by)? {
            Some(instance) => self.end_process(&instance, grace).await,
            None => Ok(()),
        }
    }

    /// Kills the running process and revokes the ticket of a starting one. Requests in flight are lost.
    ///
    /// # Errors
    ///
    /// The process can't be killed.
    pub fn clear(&self) -> Result<(), SlotError> {
        let _lock = self.files.lock().map_err(self.io())?;
        self.files.take_back(None).map_err(self.io())?;
        match self.occupant()? {
            Some(instance) => instance.process.kill().map_err(self.io()),
            None => Ok(()),
        }
    }

    /// Issues the ticket, unless this visit has already started an instance. Returns the running instance.
    fn admit(&self, ticket: &Ticket) -> Result<Option<Instance>, SlotError> {
        let _lock = self.files.lock().map_err(self.io())?;
        if self.files.is_closed_to(&ticket.started_by).map_err(self.io())? {
            return Err(SlotError::Ended(ticket.started_by.clone()));
        }
        let here = self.occupant()?;
        if here.as_ref().is_none_or(|here| here.started_by != ticket.started_by) {
            self.files.give(ticket).map_err(self.io())?;
        }
        Ok(here)
    }

    /// Revokes the ticket of a visit, prevents further starts by it, and returns its running instance.
    fn dismiss(&self, started_by: &str) -> Result<Option<Instance>, SlotError> {
        let _lock = self.files.lock().map_err(self.io())?;
        self.files.close_to(started_by).map_err(self.io())?;
        self.files.take_back(Some(started_by)).map_err(self.io())?;
        Ok(self.occupant()?.filter(|here| here.started_by == started_by))
    }

    async fn end_process(&self, instance: &Instance, grace: Duration) -> Result<(), SlotError> {
        let process = &instance.process;
        process.terminate().map_err(self.io())?;
        if self.is_gone_within(process, grace).await? {
            return Ok(());
        }
        tracing::warn!(%instance, ?grace, "does not end, and is killed");
        process.kill().map_err(self.io())?;
        if self.is_gone_within(process, grace).await? {
            return Ok(());
        }
        Err(SlotError::Endless(Box::new(instance.clone())))
    }

    async fn is_gone_within(&self, process: &Process, time: Duration) -> Result<bool, SlotError> {
        let deadline = Instant::now() + time;
        while process.runs().map_err(self.io())? {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            sleep(LOOK).await;
        }
        Ok(true)
    }

    fn spawn(&self, ticket: &Ticket, launch: &Launch) -> Result<Child, SlotError> {
        let slot = self.files.folder().to_string_lossy();
        let filled = |part: &String| {
            part.replace("{version}", &ticket.version)
                .replace("{slot}", &slot)
                .replace("{ticket}", &ticket.id)
        };
        let words: Vec<String> = launch.command.iter().map(filled).collect();
        let (program, arguments) =
            words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let log = std::fs::File::options().create(true).append(true).open(self.files.log());
        let log = log.map_err(self.io())?;
        let said = log.try_clone().map_err(self.io())?;
        // In its own process group, so that a Ctrl-C for the controller does not end it.
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(|why| SlotError::Program(program.to_owned(), why))
    }

    /// Waits until the process has announced itself or has ended.
    async fn comes(
        &self,
        ticket: &Ticket,
        child: &mut Child,
    ) -> Result<Result<Instance, ExitStatus>, SlotError> {
        loop {
            let ended = child.try_wait().map_err(self.io())?;
            if let Some(instance) = self.occupant()?.filter(|instance| instance.id == ticket.id) {
                return Ok(Ok(instance));
            }
            if let Some(status) = ended {
                return Ok(Err(status));
            }
            sleep(LOOK).await;
        }
    }

    fn io(&self) -> impl Fn(std::io::Error) -> SlotError + use<> {
        let colour = self.colour;
        move |why| SlotError::Io(colour, why)
    }
}

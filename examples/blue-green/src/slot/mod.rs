//! The environment of a colour: a folder, and the process that serves from it.
//!
//! Processes outlive the controller that starts them, so what is known of them is in files:
//!
//! | | |
//! |---|---|
//! | `ticket` | who may serve from here. Written before a process is started, taken away before it is ended |
//! | `instance` | who does. Written by the process itself, once it listens |
//! | `ended` | whose processes were ended: the keys of the last visits. These start nothing here any more |
//! | `lock` | held while one of these is looked at and changed |
//! | `log` | what the processes say |
//!
//! A process announces itself only while it has the ticket. So one that comes late, because its controller
//! was killed just after it had started it, either is found, or finds no ticket and ends: nobody is left
//! running that nobody knows of.

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

/// How often a process is looked at that is about to come or to go.
const LOOK: Duration = Duration::from_millis(10);

/// The environment of a colour.
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
    /// How long it may take until it listens.
    pub within: Duration,
    /// How long whoever is there before has to end by itself.
    pub grace: Duration,
}

/// Why an environment is not as wanted.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// A file, or a process, can't be used.
    #[error("the environment {0} can't be used")]
    Io(Colour, #[source] std::io::Error),
    /// The program can't be started.
    #[error("`{0}` can't be started")]
    Program(String, #[source] std::io::Error),
    /// It was started, and did not come to listen.
    #[error("version {version} {how} before it served; see {}", .log.display())]
    NotServing {
        /// The version.
        version: String,
        /// What it did instead.
        how: String,
        /// What it said.
        log: PathBuf,
    },
    /// What the visit has started was ended. A start that comes after that, as of an attempt that timed out, is too late.
    #[error("nothing is started for {0} any more: what it started was ended")]
    Ended(String),
    /// It does not even end when it is killed.
    #[error("{0} does not end")]
    Endless(Box<Instance>),
}

impl Launch {
    /// How these settings say.
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
    /// The environment of this colour, in a folder of its own in this one.
    #[must_use]
    pub fn new(folder: &Path, colour: Colour) -> Self {
        Self { colour, files: Files::in_folder(folder.join(colour.name())) }
    }

    /// Who serves from here.
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

    /// Has a version serve from here, and ends whoever else is here. What the same visit has started
    /// already is taken as it is.
    ///
    /// # Errors
    ///
    /// The process can't be started, ends at once, or does not come to listen in time; or what this visit has started
    /// was ended before.
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
            // By a controller that was killed before it could note it.
            Some(started) if started.started_by == started_by => return Ok(started),
            Some(left_over) => self.end_process(&left_over, launch.grace).await?,
            None => {}
        }
        let mut child = self.spawn(&ticket, launch)?;
        let comes = timeout(launch.within, self.comes(&ticket, &mut child)).await;
        let how = match comes {
            Ok(Ok(Ok(instance))) => {
                // Waited for, so that it does not stay a zombie when it ends.
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

    /// Ends what a visit has started here, also if it is only about to come. It has `grace` to end by itself. The visit
    /// starts nothing here any more.
    ///
    /// # Errors
    ///
    /// It can't be ended.
    pub async fn end(&self, started_by: &str, grace: Duration) -> Result<(), SlotError> {
        match self.dismiss(started_by)? {
            Some(instance) => self.end_process(&instance, grace).await,
            None => Ok(()),
        }
    }

    /// Ends whoever is here at once, and whoever is about to come: requests are lost.
    ///
    /// # Errors
    ///
    /// It can't be ended.
    pub fn clear(&self) -> Result<(), SlotError> {
        let _lock = self.files.lock().map_err(self.io())?;
        self.files.take_back(None).map_err(self.io())?;
        match self.occupant()? {
            Some(instance) => instance.process.kill().map_err(self.io()),
            None => Ok(()),
        }
    }

    /// Gives the ticket to who is about to come, unless the same visit has brought somebody already.
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

    /// Takes the ticket from what a visit has started, lets it start nothing more, and says who has come of it.
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
        // In a group of its own: a Ctrl-C that is meant for the controller does not reach it.
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(|why| SlotError::Program(program.to_owned(), why))
    }

    /// Waits until the process has announced itself, or has ended.
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

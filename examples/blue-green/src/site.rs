//! A whole installation on this machine, in a temporary folder, for demos, benches and tests.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::instance::Colour;
use crate::service::in_full;
use crate::slot::Slot;

/// A balancer and a controller in their own processes. Dropping this ends all processes that they have started.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    program: PathBuf,
    variables: Vec<(String, String)>,
    balancer: Option<Running>,
    controller: Option<Running>,
    /// The addresses for users, of the balancer's admin interface, and for operators.
    addresses: [SocketAddr; 3],
}

/// A process that is killed when this is dropped.
#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may already have ended. Other errors are ignored, since a drop can't return them.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Site {
    /// Starts this program as balancer and as controller. Their addresses are set; `settings` adds others, as in
    /// `("WATCH__SAMPLE", "20")`.
    ///
    /// # Errors
    ///
    /// A process can't be started, or does not print its address.
    pub fn start(program: &Path, settings: &[(&str, &str)]) -> io::Result<Self> {
        let mut site = Self::new(program, settings)?;
        site.start_balancer()?;
        site.start_controller()?;
        Ok(site)
    }

    /// Starts this program only as controller, of another load balancer that listens for users on this address.
    ///
    /// # Errors
    ///
    /// The process can't be started, or does not print its address.
    pub fn start_behind(users: SocketAddr, program: &Path, settings: &[(&str, &str)]) -> io::Result<Self> {
        let mut site = Self::new(program, settings)?;
        site.addresses[0] = users;
        site.start_controller()?;
        Ok(site)
    }

    fn new(program: &Path, settings: &[(&str, &str)]) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut site = Self {
            folder,
            program: program.to_owned(),
            variables: Vec::new(),
            balancer: None,
            controller: None,
            addresses: [nowhere; 3],
        };
        let path = site.folder().to_string_lossy().into_owned();
        site.set_settings(settings);
        site.set_settings(&[("FOLDER", &path)]);
        for listener in ["BALANCER__LISTEN", "BALANCER__ADMIN", "CONTROLLER__LISTEN"] {
            site.set(listener, nowhere);
        }
        Ok(site)
    }

    /// The address for users.
    #[must_use]
    pub fn users(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// The admin address of the balancer.
    #[must_use]
    pub fn admin(&self) -> SocketAddr {
        self.addresses[1]
    }

    /// The address for operators.
    #[must_use]
    pub fn operators(&self) -> SocketAddr {
        self.addresses[2]
    }

    /// The folder of all files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The environment of a color.
    #[must_use]
    pub fn slot(&self, colour: Colour) -> Slot {
        Slot::new(self.folder(), colour)
    }

    /// A command that runs this program in another role with the same settings.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).envs(self.variables.iter().map(|(key, value)| (key, value)));
        command
    }

    /// Starts the balancer, killing a running one.
    ///
    /// # Errors
    ///
    /// The process can't be started, or does not print its address.
    pub fn start_balancer(&mut self) -> io::Result<()> {
        self.kill_balancer();
        let (running, [users, admin]) = self.run("balancer")?;
        self.balancer = Some(running);
        [self.addresses[0], self.addresses[1]] = [users, admin];
        // Keeps the addresses for a restart and for processes that are started later.
        self.set("BALANCER__LISTEN", users);
        self.set("BALANCER__ADMIN", admin);
        Ok(())
    }

    /// Starts the controller, killing a running one.
    ///
    /// # Errors
    ///
    /// The process can't be started, or does not print its address.
    pub fn start_controller(&mut self) -> io::Result<()> {
        self.kill_controller();
        let (running, [operators]) = self.run("controller")?;
        self.controller = Some(running);
        self.addresses[2] = operators;
        self.set("CONTROLLER__LISTEN", operators);
        Ok(())
    }

    /// Kills the balancer.
    pub fn kill_balancer(&mut self) {
        self.balancer = None;
    }

    /// Kills the controller.
    pub fn kill_controller(&mut self) {
        self.controller = None;
    }

    /// Changes settings for processes that are started later.
    pub fn set_settings(&mut self, settings: &[(&str, &str)]) {
        let own = settings.iter().map(|(key, value)| (format!("BLUE_GREEN__{key}"), (*value).to_owned()));
        self.variables.extend(own);
    }

    fn set(&mut self, key: &str, address: SocketAddr) {
        self.set_settings(&[(key, &address.to_string())]);
    }

    /// Starts this program, and reads its addresses from its first line.
    fn run<const N: usize>(&self, role: &str) -> io::Result<(Running, [SocketAddr; N])> {
        let path = self.folder().join(role).with_extension("log");
        let log = File::options().create(true).append(true).open(&path)?;
        let mut command = self.command(&[role]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut running = Running(command.spawn()?);
        let mut line = String::new();
        if let Some(said) = running.0.stdout.take() {
            BufReader::new(said).read_line(&mut line)?;
        }
        let words = line.split_whitespace().filter_map(|word| word.strip_prefix("http://"));
        let found: Vec<SocketAddr> =
            words.filter_map(|word| word.trim_end_matches(',').parse().ok()).collect();
        let Ok(addresses) = found.try_into() else {
            let why = std::fs::read_to_string(path)?;
            return Err(io::Error::other(format!(
                "the {role} does not say where it listens: {}",
                why.trim()
            )));
        };
        Ok((running, addresses))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.kill_controller();
        for colour in Colour::ALL {
            if let Err(why) = self.slot(colour).clear() {
                eprintln!("{colour}: {}", in_full(&why));
            }
        }
    }
}

//! HAProxy as the load balancer, through its runtime API (`stats socket … level admin`).
//!
//! The backend has two servers, `blue` and `green`, one of which is a `backup`: HAProxy sends no request to it while
//! the other one is ready. A switch is one line with three commands: the address of the new server, `state ready`
//! for it, and `state maint` for the old one. Exactly one of these commands moves all requests, in either
//! direction, so exactly one version is live even if HAProxy executes only some of them. A server in maintenance
//! finishes its requests.
//!
//! HAProxy knows neither instances nor generations, and forgets addresses and states when it is restarted. The
//! controller keeps both:
//!
//! | | |
//! |---|---|
//! | `haproxy` | the assignment, and the instance of each server. Written before HAProxy is changed |
//! | `haproxy.state` | HAProxy's servers, which it loads when it starts. Written after it was changed |
//!
//! Whenever the controller looks at HAProxy, it sets servers that differ from the assignment. This completes an
//! interrupted switch, and undoes a change by a command that was delayed.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::Mutex;
use tokio::time::timeout;
use uuid::Uuid;

use super::control::{BalancerError, LoadBalancer};
use super::tally::Tally;
use super::upstream::{Assignment, Figures, NotSwitched, Standing, serving};
use crate::instance::{Colour, Instance};
use crate::settings::Settings;
use crate::slot::{read, replace};

/// HAProxy's mean times are moving averages over its last 512 requests (1,024 in its documentation), of all
/// instances that a server has had. After this many requests, less than 2 % of a mean are those of others.
const SETTLED: u64 = 4_096;

/// The longest answer that is read.
const LONGEST_ANSWER: u64 = 1024 * 1024;

/// The length of an unexpected answer in an error.
const SHOWN: usize = 200;

/// An HAProxy process.
#[derive(Debug)]
pub struct HaProxy {
    socket: PathBuf,
    backend: String,
    /// The files of the assignment and of HAProxy's servers.
    file: PathBuf,
    state_file: PathBuf,
    timeout: Duration,
    /// The generation whose state file was written. Locked while HAProxy is looked at and changed.
    saved: Mutex<Option<u64>>,
}

/// The assignment with all that HAProxy does not know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Record {
    live: Assignment,
    /// The last instance of each server.
    known: Vec<Known>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    instance: Instance,
    /// The counts of the server when the instance got it. The counts before are those of other instances.
    before: Tally,
}

/// HAProxy's servers at one moment.
#[derive(Debug)]
struct Reading {
    /// In the order of [`Colour::ALL`].
    servers: Vec<Server>,
    /// The lines of the state file.
    state: String,
}

/// A server of the backend.
#[derive(Debug)]
struct Server {
    colour: Colour,
    /// The address, as `address:port`.
    address: String,
    /// Whether it is neither in maintenance nor drained by a command. It may be down by a health check.
    is_ready: bool,
    is_backup: bool,
    in_flight: usize,
    tally: Tally,
}

impl HaProxy {
    /// An HAProxy with this socket, whose answers are awaited for at most `timeout`.
    #[must_use]
    pub fn new(socket: PathBuf, settings: &Settings, timeout: Duration) -> Self {
        let state_file = settings.balancer.state_file.clone();
        Self {
            socket,
            backend: settings.balancer.backend.clone(),
            file: settings.folder.join("haproxy"),
            state_file: state_file.unwrap_or_else(|| settings.folder.join("haproxy.state")),
            timeout,
            saved: Mutex::default(),
        }
    }

    async fn look(&self) -> Result<Standing, BalancerError> {
        let mut saved = self.saved.lock().await;
        let record = self.record()?;
        let reading = self.read().await?;
        // Before the first release, HAProxy's servers are left as they are.
        let reading = if record.live.generation == 0 {
            reading
        } else {
            self.settle(&record.live, reading, &mut saved).await?
        };
        Ok(record.standing(&reading))
    }

    async fn assign(&self, wanted: &Assignment) -> Result<Standing, BalancerError> {
        let mut saved = self.saved.lock().await;
        let mut record = self.record()?;
        let reading = self.read().await?;
        if *wanted != record.live {
            let now = &record.live;
            if wanted.generation <= now.generation {
                let (wanted, now, serving) = (wanted.generation, now.generation, serving(now));
                let stale = NotSwitched::Stale { wanted, now, serving };
                return Err(self.refused(stale.to_string()));
            }
            record.assign(wanted, &reading);
            let text = serde_json::to_vec_pretty(&record).map_err(io::Error::from);
            let written = text.and_then(|text| replace(&self.file, &text));
            written
                .map_err(|why| self.refused(format!("{} can't be written: {why}", self.file.display())))?;
        }
        let reading = self.settle(wanted, reading, &mut saved).await?;
        Ok(record.standing(&reading))
    }

    /// Sets the servers to the assignment, and writes the state file.
    async fn settle(
        &self,
        wanted: &Assignment,
        mut reading: Reading,
        saved: &mut Option<u64>,
    ) -> Result<Reading, BalancerError> {
        if !reading.is_as(wanted) {
            *saved = None;
            let answer = self.ask(&self.commands(wanted)).await?;
            reading = self.read().await?;
            if !reading.is_as(wanted) {
                let why = format!("the states of its servers, with the answer `{}`", shown(&answer));
                return Err(self.refused(why));
            }
            tracing::info!(
                generation = wanted.generation,
                serving = serving(wanted),
                "HAProxy's servers are set"
            );
        }
        if *saved != Some(wanted.generation) {
            let written = replace(&self.state_file, reading.state.as_bytes());
            written.map_err(|why| {
                self.refused(format!("{} can't be written: {why}", self.state_file.display()))
            })?;
            *saved = Some(wanted.generation);
        }
        Ok(reading)
    }

    /// The commands that make this instance, and no other one, live.
    fn commands(&self, wanted: &Assignment) -> String {
        let server = |colour: Colour| format!("set server {}/{colour}", self.backend);
        let Some(Instance { colour, address, .. }) = &wanted.instance else {
            return Colour::ALL.map(|colour| format!("{} state maint", server(colour))).join(";");
        };
        let (new, old) = (server(*colour), server(colour.other()));
        let (ip, port) = (address.ip(), address.port());
        format!("{new} addr {ip} port {port};{new} state ready;{old} state maint")
    }

    async fn read(&self) -> Result<Reading, BalancerError> {
        let Self { backend, .. } = self;
        let commands =
            format!("show cli level;show info;show servers state {backend};show stat {backend} 4 -1 typed");
        let answer = self.ask(&commands).await?;
        Reading::parse(&answer, backend).map_err(|why| self.refused(why))
    }

    /// Sends a line of commands in one write, and reads the whole answer.
    async fn ask(&self, commands: &str) -> Result<String, BalancerError> {
        let exchange = async {
            let mut stream = UnixStream::connect(&self.socket).await?;
            stream.write_all(format!("{commands}\n").as_bytes()).await?;
            let mut answer = String::new();
            stream.take(LONGEST_ANSWER).read_to_string(&mut answer).await?;
            Ok(answer)
        };
        let answer = timeout(self.timeout, exchange).await;
        answer.unwrap_or_else(|late| Err(late.into())).map_err(|why| self.failed(why))
    }

    fn failed(&self, why: io::Error) -> BalancerError {
        match why.kind() {
            io::ErrorKind::PermissionDenied => {
                let why =
                    "this user may not open its socket: set `user`, `group` or `mode` of `stats socket`";
                self.refused(why.to_owned())
            }
            io::ErrorKind::NotFound => {
                let why = "there is no such socket: HAProxy is not running, or has another `stats socket`";
                BalancerError::Silent(self.name(), why.into())
            }
            _ => BalancerError::Silent(self.name(), why.into()),
        }
    }

    fn refused(&self, why: String) -> BalancerError {
        BalancerError::Refused(self.name(), why)
    }

    fn name(&self) -> String {
        format!("HAProxy at {}", self.socket.display())
    }

    fn record(&self) -> Result<Record, BalancerError> {
        let record = read(&self.file).map(Option::unwrap_or_default);
        record.map_err(|why| self.refused(format!("{} can't be read: {why}", self.file.display())))
    }
}

impl LoadBalancer for HaProxy {
    fn standing(&self) -> BoxFuture<'_, Result<Standing, BalancerError>> {
        self.look().boxed()
    }

    fn switch<'a>(&'a self, wanted: &'a Assignment) -> BoxFuture<'a, Result<Standing, BalancerError>> {
        self.assign(wanted).boxed()
    }
}

impl Record {
    fn assign(&mut self, wanted: &Assignment, reading: &Reading) {
        self.live = wanted.clone();
        let Some(instance) = &wanted.instance else { return };
        if self.known.iter().any(|known| known.instance == *instance) {
            return;
        }
        self.known.retain(|known| known.instance.colour != instance.colour);
        let before = reading.server(instance.colour).map(|server| server.tally.clone());
        self.known.push(Known { instance: instance.clone(), before: before.unwrap_or_default() });
    }

    fn standing(&self, reading: &Reading) -> Standing {
        let figures = self.known.iter().filter_map(|known| {
            let server = reading.server(known.instance.colour)?;
            let tally = known.counted(&server.tally);
            Some(Figures { instance: known.instance.clone(), in_flight: server.in_flight, tally })
        });
        Standing { live: self.live.clone(), backends: figures.collect() }
    }
}

impl Known {
    /// The counts of the instance, of those of its server.
    fn counted(&self, server: &Tally) -> Tally {
        let mut tally = server.since(&self.before);
        let is_own_mean = tally.requests == server.requests || tally.requests >= SETTLED;
        tally.mean_ms = tally.mean_ms.filter(|_| is_own_mean && tally.requests > 0);
        tally
    }
}

impl Reading {
    /// Reads the answers to `show cli level`, `show info`, `show servers state` and `show stat … typed`, with an
    /// empty line after each. Returns why HAProxy can't be used otherwise.
    fn parse(answer: &str, backend: &str) -> Result<Self, String> {
        let mut answers = answer.split("\n\n").map(str::trim).filter(|answer| !answer.is_empty());
        let mut next = |command| answers.next().ok_or_else(|| unexpected(command, answer));
        let level = next("show cli level")?;
        if matches!(level, "operator" | "user") {
            return Err(format!("its socket has the level `{level}`: it needs `stats socket … level admin`"));
        }
        if level != "admin" {
            return Err(unexpected("show cli level", level));
        }
        let info = next("show info")?;
        let number = |name: &str| {
            let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            value.and_then(|value| value.parse::<u64>().ok())
        };
        let pid = number("Pid").ok_or_else(|| unexpected("show info", info))?;
        let epoch = Uuid::from_u64_pair(pid, number("Start_time_sec").unwrap_or_default());
        let state = next("show servers state")?;
        if state.starts_with("Can't find backend") {
            return Err(format!("it has no backend `{backend}`: set `balancer.backend`"));
        }
        let states = states(state).ok_or_else(|| unexpected("show servers state", state))?;
        let counts = next("show stat")?;
        let counts = fields(counts).ok_or_else(|| unexpected("show stat", counts))?;
        let mut servers = Vec::new();
        for colour in Colour::ALL {
            let name = colour.name();
            let state = states.iter().find(|fields| fields.get("srv_name") == Some(&name));
            let counts = counts.iter().find(|fields| fields.get("svname") == Some(&name));
            let (Some(state), Some(counts)) = (state, counts) else {
                return Err(format!("its backend `{backend}` has no server `{colour}`"));
            };
            servers.push(Server::parse(colour, state, counts, epoch)?);
        }
        if servers.iter().filter(|server| server.is_backup).count() != 1 {
            let why = "one of the servers `blue` and `green` of its backend";
            return Err(format!("{why} `{backend}` has to be a `backup`, so that never both are live"));
        }
        Ok(Self { servers, state: format!("{state}\n") })
    }

    fn server(&self, colour: Colour) -> Option<&Server> {
        self.servers.iter().find(|server| server.colour == colour)
    }

    /// Whether exactly the wanted instance is live.
    fn is_as(&self, wanted: &Assignment) -> bool {
        self.servers.iter().all(|server| {
            match wanted.instance.as_ref().filter(|instance| instance.colour == server.colour) {
                Some(instance) => server.is_ready && server.address == instance.address.to_string(),
                None => !server.is_ready,
            }
        })
    }
}

impl Server {
    fn parse(
        colour: Colour,
        state: &HashMap<&str, &str>,
        counts: &HashMap<&str, &str>,
        epoch: Uuid,
    ) -> Result<Self, String> {
        let number = |fields: &HashMap<&str, &str>, name: &str| {
            let value = fields.get(name).and_then(|value| value.parse::<u64>().ok());
            value.ok_or_else(|| {
                format!("it says no `{name}` of the server `{colour}`: use HAProxy 2.6 or newer")
            })
        };
        if counts.get("mode") != Some(&"http") {
            return Err("its backend has to be in `mode http`, so that responses are counted".to_owned());
        }
        let count = |name: &str| number(counts, name);
        let ip = state.get("srv_addr").copied().unwrap_or_default();
        let (open, close) = if ip.contains(':') { ("[", "]") } else { ("", "") };
        Ok(Self {
            colour,
            address: format!("{open}{ip}{close}:{}", number(state, "srv_port")?),
            // 4 only says that the configuration has it `disabled`.
            is_ready: number(state, "srv_admin_state")? & !4 == 0,
            is_backup: count("bck")? > 0,
            in_flight: usize::try_from(count("scur")?).unwrap_or(usize::MAX),
            tally: tally(&count, epoch)?,
        })
    }
}

/// The counts of a server. A response that breaks off was counted by its status before, and a connection that the
/// server resets is counted twice.
fn tally(count: &impl Fn(&str) -> Result<u64, String>, epoch: Uuid) -> Result<Tally, String> {
    let (refused, failed) = (count("hrsp_4xx")?, count("hrsp_5xx")?);
    let others = count("hrsp_2xx")? + count("hrsp_3xx")? + count("hrsp_other")?;
    let unanswered = count("econ")? + count("eresp")?;
    let requests = others + refused + failed + unanswered;
    Ok(Tally {
        epoch,
        requests,
        errors: (failed + unanswered + count("srv_abrt")?).min(requests),
        client_closed: count("cli_abrt")?,
        refused,
        times: Vec::new(),
        mean_ms: Some(count("rtime")?),
    })
}

/// The rows of `show servers state`, by the names in its header.
fn states(text: &str) -> Option<Vec<HashMap<&str, &str>>> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("# "));
    let names: Vec<&str> = lines.next()?.split_whitespace().skip(1).collect();
    Some(lines.map(|line| names.iter().copied().zip(line.split_whitespace()).collect()).collect())
}

/// The servers of `show stat … typed`: each line is `S.PROXY.SERVER.POSITION.NAME.PROCESS:TAGS:TYPE:VALUE`.
fn fields(text: &str) -> Option<Vec<HashMap<&str, &str>>> {
    let mut servers: Vec<(&str, HashMap<&str, &str>)> = Vec::new();
    for line in text.lines() {
        let (key, rest) = line.split_once(':')?;
        let value = rest.splitn(3, ':').nth(2)?;
        let mut key = key.split('.').skip(2);
        let (server, name) = (key.next()?, key.nth(1)?);
        match servers.iter_mut().find(|(known, _)| *known == server) {
            Some((_, fields)) => drop(fields.insert(name, value)),
            None => servers.push((server, HashMap::from([(name, value)]))),
        }
    }
    Some(servers.into_iter().map(|(_, fields)| fields).collect())
}

fn unexpected(command: &str, answer: &str) -> String {
    format!("its answer to `{command}` is unexpected: `{}`", shown(answer))
}

/// The beginning of an answer on one line.
fn shown(answer: &str) -> String {
    let words: Vec<&str> = answer.split_whitespace().collect();
    words.join(" ").chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_may_not_be_opened_is_refused_and_a_missing_one_is_waited_for() {
        let haproxy = HaProxy::new("/run/a.sock".into(), &Settings::default(), Duration::from_secs(1));
        let refused = haproxy.failed(io::ErrorKind::PermissionDenied.into()).to_string();
        assert!(refused.starts_with("HAProxy at /run/a.sock refuses: this user may not open"), "{refused}");
        for kind in [io::ErrorKind::NotFound, io::ErrorKind::ConnectionRefused, io::ErrorKind::TimedOut] {
            assert!(matches!(haproxy.failed(kind.into()), BalancerError::Silent(..)), "{kind}");
        }
    }
}

//! The lane `Environments`: blue and green, and the processes that serve in them.

use std::time::Duration;

use flowgen::{Effect, Fault, Result, Visit};

use super::Wait;
use super::reach::{Abort, Reach};
use crate::drawing::environments::{self as drawn, ReadyInTime};
use crate::instance::{Colour, Instance};
use crate::release::Release;
use crate::settings::Settings;
use crate::slot::{Launch, Slot};
use crate::words::Words;

/// Starts and ends versions.
#[derive(Clone, Debug)]
pub struct Environments {
    blue: Slot,
    green: Slot,
    launch: Launch,
    ready: Duration,
    drain: Duration,
    balancer: Reach,
    http: reqwest::Client,
    words: Words,
}

impl Environments {
    /// Creates environments in the folder of the settings.
    #[must_use]
    pub fn new(settings: &Settings, balancer: Reach, http: reqwest::Client, words: Words) -> Self {
        let slot = |colour| Slot::new(&settings.folder, colour);
        let launch = Launch::new(&settings.app);
        let (ready, drain) = (Duration::from_millis(settings.gate.ready_ms), settings.drain());
        let (blue, green) = (slot(Colour::Blue), slot(Colour::Green));
        Self { blue, green, launch, ready, drain, balancer, http, words }
    }

    fn slot(&self, colour: Colour) -> &Slot {
        match colour {
            Colour::Blue => &self.blue,
            Colour::Green => &self.green,
        }
    }

    async fn is_ready(&self, instance: &Instance) -> bool {
        let answer = self.http.get(format!("http://{}/ready", instance.address)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Waits until the instance is ready. Returns `false` on a timeout, or if its process ends.
    async fn gets_ready(&self, instance: &Instance, wait: Wait<'_>) -> Result<bool> {
        while !self.is_ready(instance).await {
            if !self.runs(instance)? || !wait.goes_on().await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn runs(&self, instance: &Instance) -> Result<bool> {
        Ok(self.slot(instance.colour).occupant()?.is_some_and(|here| here.id == instance.id))
    }

    /// Ends the instance that a visit has started, after its last request. Never ends the live instance.
    async fn end(&self, colour: Colour, started_by: &str, run: &str) -> Result {
        let wait = Wait::at_most(self.drain);
        loop {
            let standing = self.balancer.standing(run, Abort::Ignored).await?;
            let started = |instance: &Instance| instance.started_by == started_by;
            if standing.live.instance.as_ref().is_some_and(started) {
                return Err(Fault::new("it still serves, so it is not stopped"));
            }
            let known = standing.backends.iter().filter(|figures| started(&figures.instance));
            let in_flight: usize = known.map(|figures| figures.in_flight).sum();
            if in_flight == 0 {
                break;
            }
            if !wait.goes_on().await? {
                tracing::warn!(%colour, in_flight, "is not done with its requests yet");
                break;
            }
        }
        Ok(self.slot(colour).end(started_by, self.launch.grace).await?)
    }
}

impl drawn::Environments<Release> for Environments {
    async fn start_new_version(&self, release: &mut Release, visit: &Visit) -> Result<Effect> {
        let colour = release.old.as_ref().map_or(Colour::Blue, |old| old.colour.other());
        let started_by = visit.key().to_string();
        let new = self.slot(colour).start(&release.version, &started_by, &self.launch).await?;
        tracing::info!(%new, "started");
        release.new = Some(new);
        Ok(Effect::Done)
    }

    async fn await_readiness(&self, release: &mut Release, visit: &Visit) -> Result {
        let new = release.started()?;
        let wait = Wait::at_most(self.ready).of_release(&self.words, visit.run());
        if !self.gets_ready(new, wait).await? {
            release.objection = Some(format!("{new} does not get ready within {:?}", self.ready));
        }
        Ok(())
    }

    async fn ready_in_time(&self, release: &Release, _: &Visit) -> Result<ReadyInTime> {
        Ok(if release.objection.is_none() { ReadyInTime::Yes } else { ReadyInTime::No })
    }

    async fn stop_old_version(&self, release: &mut Release, visit: &Visit) -> Result {
        match &release.old {
            Some(old) => self.end(old.colour, &old.started_by, visit.run()).await,
            None => Ok(()),
        }
    }
}

impl drawn::Compensation<Release> for Environments {
    /// The old version runs while the new one is watched. If it has ended nevertheless, it is started again, so
    /// that the release can be reverted.
    async fn bring_back_old_version(&self, release: &mut Release, visit: &Visit) -> Result {
        let Some(old) = &release.old else { return Ok(()) };
        if self.runs(old)? {
            return Ok(());
        }
        tracing::warn!(%old, "has ended, and is started again");
        let key = visit.key().to_string();
        let again = self.slot(old.colour).start(&old.version, &key, &self.launch).await?;
        let is_ready = self.gets_ready(&again, Wait::at_most(self.ready)).await?;
        let (name, ready) = (again.to_string(), self.ready);
        release.old = Some(again);
        if is_ready { Ok(()) } else { Err(Fault::new(format!("{name} is not ready again within {ready:?}"))) }
    }

    async fn stop_new_version(&self, release: &mut Release, visit: &Visit) -> Result {
        let started_by = visit.undoes().map(|key| key.to_string()).unwrap_or_default();
        let colour = release.old.as_ref().map_or(Colour::Blue, |old| old.colour.other());
        self.end(colour, &started_by, visit.run()).await
    }
}

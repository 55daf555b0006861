//! What a run carries along.

use serde::{Deserialize, Serialize};

use crate::balancer::Tally;
use crate::instance::Instance;
use crate::judge::Watched;

/// A release, and what is known of it so far. It is saved with its run after each step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The version that is to serve.
    pub version: String,
    /// The generation of the balancer's assignment when the release began.
    pub generation: u64,
    /// Who served when the release began; `None` for the first release.
    pub old: Option<Instance>,
    /// Who is to serve.
    pub new: Option<Instance>,
    /// Why the new version is not compared with the old one, if it is not: it serves once it has passed its smoke
    /// tests.
    #[serde(default)]
    pub not_compared: Option<String>,
    /// What was counted of the old version shortly before the switch.
    pub baseline: Option<Tally>,
    /// What was seen of the new version since the switch.
    pub watched: Option<Watched>,
    /// An operator has said that the new version is good.
    pub is_promoted: bool,
    /// Why the new version is not to serve, as soon as something says so.
    pub objection: Option<String>,
}

impl Release {
    /// A release of which nothing is done yet.
    #[must_use]
    pub fn new(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            generation: 0,
            old: None,
            new: None,
            not_compared: None,
            baseline: None,
            watched: None,
            is_promoted: false,
            objection: None,
        }
    }

    /// A release whose version is not compared with the old one.
    #[must_use]
    pub fn skipping_watch(version: &str) -> Self {
        let not_compared = Some("an operator skips the watch".to_owned());
        Self { not_compared, ..Self::new(version) }
    }

    /// The new version, which every step behind its start can count on.
    pub(crate) fn started(&self) -> flowgen::Result<&Instance> {
        self.new.as_ref().ok_or_else(|| flowgen::Fault::new("the new version was not started"))
    }
}

/// What retires the old version goes on by itself, and has nothing to say to the release.
impl flowgen::Fork for Release {
    fn fork(&self) -> Self {
        self.clone()
    }

    fn join(&mut self, _: Self) {}
}

//! The context of a run.

use serde::{Deserialize, Serialize};

use crate::balancer::Tally;
use crate::instance::Instance;
use crate::judge::Watched;

/// A release and its progress. It is saved with its run after each step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The version to release.
    pub version: String,
    /// The generation of the balancer's assignment when the release began.
    pub generation: u64,
    /// The live instance when the release began. `None` for the first release.
    pub old: Option<Instance>,
    /// The new instance.
    pub new: Option<Instance>,
    /// Why the new version is not compared with the old one, if so. It then serves as soon as it has passed its
    /// smoke tests.
    #[serde(default)]
    pub not_compared: Option<String>,
    /// The counts of the old version shortly before the switch.
    pub baseline: Option<Tally>,
    /// The result of watching the new version so far.
    pub watched: Option<Watched>,
    /// Whether an operator has promoted the new version.
    pub is_promoted: bool,
    /// Why the new version is rejected, if it is.
    pub objection: Option<String>,
}

impl Release {
    /// A release that has not begun yet.
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

    /// The new instance, which exists in every step after its start.
    pub(crate) fn started(&self) -> flowgen::Result<&Instance> {
        self.new.as_ref().ok_or_else(|| flowgen::Fault::new("the new version was not started"))
    }
}

/// Retiring the old version is a separate run, which does not change the release.
impl flowgen::Fork for Release {
    fn fork(&self) -> Self {
        self.clone()
    }

    fn join(&mut self, _: Self) {}
}

//! A breaker per target.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::breaker::Breaker;
use super::event::Listener;
use super::settings::{InvalidSetting, Settings};

/// One breaker per target, created on first use. Clones share the same registry.
///
/// A registry keeps its breakers until they are removed. Target names must come from the configuration, not from
/// clients' requests, so that their number is bounded.
///
/// # Examples
///
/// ```
/// use circuit_breaker::{Registry, Settings};
///
/// let registry = Registry::new(Settings::default())?;
/// registry.set("payments", Settings { failure_rate: 0.1, ..Settings::default() })?;
/// registry.breaker("inventory").force_open();
/// let states: Vec<String> =
///     registry.breakers().iter().map(|b| format!("{}: {}", b.target(), b.state())).collect();
/// assert_eq!(states, ["inventory: forced open", "payments: closed"]);
/// # Ok::<(), circuit_breaker::InvalidSetting>(())
/// ```
#[derive(Clone)]
pub struct Registry(Arc<Shared>);

struct Shared {
    settings: Settings,
    listener: Option<Listener>,
    breakers: RwLock<BTreeMap<Arc<str>, Breaker>>,
}

impl Registry {
    /// A registry whose breakers have these settings.
    ///
    /// # Errors
    ///
    /// The first setting that is invalid.
    pub fn new(settings: Settings) -> Result<Self, InvalidSetting> {
        Self::with_listener(settings, None)
    }

    /// A registry whose breakers have these settings and pass their events to `listener`.
    ///
    /// # Errors
    ///
    /// The first setting that is invalid.
    pub fn with_listener(
        settings: Settings,
        listener: impl Into<Option<Listener>>,
    ) -> Result<Self, InvalidSetting> {
        settings.check()?;
        let breakers = RwLock::default();
        Ok(Self(Arc::new(Shared { settings, listener: listener.into(), breakers })))
    }

    /// The breaker of this target, created if it does not exist.
    #[must_use]
    pub fn breaker(&self, target: &str) -> Breaker {
        let found = self.0.breakers.read().unwrap_or_else(PoisonError::into_inner).get(target).cloned();
        found.unwrap_or_else(|| {
            let mut breakers = self.0.breakers.write().unwrap_or_else(PoisonError::into_inner);
            let new = || {
                Breaker::with_listener(target, self.0.settings.clone(), self.0.listener.clone())
                    .expect("the settings were checked when the registry was made")
            };
            breakers.entry(target.into()).or_insert_with(new).clone()
        })
    }

    /// Replaces the breaker of this target by a new one with its own settings.
    ///
    /// # Errors
    ///
    /// The first setting that is invalid.
    pub fn set(&self, target: &str, settings: Settings) -> Result<Breaker, InvalidSetting> {
        let breaker = Breaker::with_listener(target, settings, self.0.listener.clone())?;
        let mut breakers = self.0.breakers.write().unwrap_or_else(PoisonError::into_inner);
        breakers.insert(target.into(), breaker.clone());
        Ok(breaker)
    }

    /// Removes the breaker of this target. Calls through it are not affected.
    pub fn remove(&self, target: &str) -> Option<Breaker> {
        self.0.breakers.write().unwrap_or_else(PoisonError::into_inner).remove(target)
    }

    /// All breakers, ordered by target.
    #[must_use]
    pub fn breakers(&self) -> Vec<Breaker> {
        self.0.breakers.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.breakers()).finish()
    }
}

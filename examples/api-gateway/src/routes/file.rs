//! The file of the routes, as it is written.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Matching;
use crate::quota::Quota;

/// Why there are no routes.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file can't be read.
    #[error("the routes can't be read from {0}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// It is no TOML, or not of routes; the message names line and key.
    #[error("the routes in {0} can't be understood")]
    Malformed(PathBuf, #[source] Box<toml::de::Error>),
    /// A value makes no sense.
    #[error("`{key}` {why}")]
    Wrong {
        /// The key: `routes.products.backend`.
        key: String,
        /// What is wrong with it.
        why: String,
    },
}

impl TableError {
    pub(super) fn wrong(key: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Wrong { key: key.into(), why: why.into() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) backends: BTreeMap<String, Backend>,
    #[serde(default)]
    pub(super) paths: Matching,
    pub(super) routes: BTreeMap<String, Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Backend {
    /// `http://host:port`.
    pub(super) url: String,
}

/// A route, by its name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// `/products/{id}`, or `/products/{*rest}` for all that is below.
    pub(super) path: String,
    #[serde(default = "get")]
    pub(super) methods: Vec<String>,
    /// Asks for no token.
    #[serde(default)]
    pub(super) public: bool,
    /// The one backend.
    pub(super) backend: Option<String>,
    /// Or the parts, by their name in the answer.
    #[serde(default)]
    pub(super) parts: BTreeMap<String, PartEntry>,
    #[serde(default)]
    pub(super) partial: Partial,
    /// How long a backend has to begin its response once it has the request, in milliseconds.
    #[serde(default = "two_seconds")]
    pub(super) timeout_ms: u64,
    /// How long all attempts and all parts together may take, in milliseconds. Without it: five seconds, or
    /// `timeout_ms` if that is longer.
    pub(super) deadline_ms: Option<u64>,
    /// The longest time to wait for the next part of a response, in milliseconds, instead of `answer.idle_ms`.
    pub(super) idle_ms: Option<NonZeroU64>,
    /// Which calls open the breaker of this route.
    #[serde(default)]
    pub(super) breaker: BreakerScope,
    /// A response that takes at least this long to begin is slow, and counts for the breaker of this route.
    pub(super) slow_ms: Option<NonZeroU64>,
    /// How often a request that is idempotent is tried again.
    #[serde(default = "twice")]
    pub(super) retries: u32,
    pub(super) limit: Option<Quota>,
}

/// Which calls open the breaker of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum BreakerScope {
    /// The calls of all routes to the backend.
    #[default]
    Backend,
    /// The calls of this route only: one bad endpoint does not close the others.
    Route,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartEntry {
    pub(super) backend: String,
    /// What to ask for: `/products/{id}`, with what the path of the route has at `{id}`.
    pub(super) path: String,
    /// Without it there is no answer.
    #[serde(default)]
    pub(super) required: bool,
}

/// What becomes of an answer that lacks a part which is not required.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Partial {
    /// It is given, and says what it lacks.
    #[default]
    Allow,
    /// It is not given.
    Refuse,
}

fn get() -> Vec<String> {
    vec!["GET".to_owned()]
}

fn two_seconds() -> u64 {
    2_000
}

fn twice() -> u32 {
    2
}

pub(super) fn read(file: &Path) -> Result<File, TableError> {
    let text = std::fs::read_to_string(file).map_err(|why| TableError::Unreadable(file.to_owned(), why))?;
    toml::from_str(&text).map_err(|why| TableError::Malformed(file.to_owned(), Box::new(why)))
}

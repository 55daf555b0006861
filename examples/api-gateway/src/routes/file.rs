//! The file format of the routes.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Matching;
use crate::quota::Quota;

/// Error from loading the routes.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file can't be read.
    #[error("the routes can't be read from {0}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// The file is not TOML, or does not contain routes. The message names line and key.
    #[error("the routes in {0} can't be understood")]
    Malformed(PathBuf, #[source] Box<toml::de::Error>),
    /// A value is invalid.
    #[error("`{key}` {why}")]
    Wrong {
        /// The key: `routes.products.backend`.
        key: String,
        /// The reason.
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
    /// The URL: `http://host:port`.
    pub(super) url: String,
}

/// A route. Its name is the key in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The path template: `/products/{id}`, or `/products/{*rest}` for all paths below.
    pub(super) path: String,
    #[serde(default = "get")]
    pub(super) methods: Vec<String>,
    /// Whether the route needs no token.
    #[serde(default)]
    pub(super) public: bool,
    /// The backend, for a route with one backend.
    pub(super) backend: Option<String>,
    /// The parts of an aggregated response, by name.
    #[serde(default)]
    pub(super) parts: BTreeMap<String, PartEntry>,
    #[serde(default)]
    pub(super) partial: Partial,
    /// How long a backend may take to begin its response after it has received the request, in milliseconds.
    #[serde(default = "two_seconds")]
    pub(super) timeout_ms: u64,
    /// The maximum time for all attempts and all parts, in milliseconds. Default: 5000, or `timeout_ms` if that is
    /// longer.
    pub(super) deadline_ms: Option<u64>,
    /// The maximum time to wait for the next part of a response body, in milliseconds. Default: `answer.idle_ms`.
    pub(super) idle_ms: Option<NonZeroU64>,
    /// The calls that count for the circuit breaker of this route.
    #[serde(default)]
    pub(super) breaker: BreakerScope,
    /// A response that takes at least this long to begin counts as slow for the breaker of this route, in
    /// milliseconds.
    pub(super) slow_ms: Option<NonZeroU64>,
    /// The number of retries of an idempotent request.
    #[serde(default = "twice")]
    pub(super) retries: u32,
    pub(super) limit: Option<Quota>,
}

/// The calls that count for the circuit breaker of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum BreakerScope {
    /// The calls of all routes to the backend.
    #[default]
    Backend,
    /// Only the calls of this route: a failing endpoint does not affect other routes.
    Route,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartEntry {
    pub(super) backend: String,
    /// The path of the part: `/products/{id}`, where `{id}` is replaced by the value from the path of the request.
    pub(super) path: String,
    /// Whether the response fails without this part.
    #[serde(default)]
    pub(super) required: bool,
}

/// What to do if an optional part is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Partial {
    /// The response is sent and lists the missing parts.
    #[default]
    Allow,
    /// The request fails.
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

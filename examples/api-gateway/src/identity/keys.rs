//! The keys that verify tokens, as published by the identity service (JWKS, RFC 7517).
//!
//! Keys are cached and fetched again from time to time. They are fetched at once for an unknown key, since that is
//! how an identity service introduces a new one. Any client can invent a key id, so there are at least
//! `auth.cooldown_ms` between fetches. A token with an unknown key waits for the next fetch, so invented ids do
//! not delay a new key any longer. (With a cooldown longer than `auth.timeout_ms`, such a token is refused at
//! once.) While the identity service is down, cached keys remain valid for `auth.stale_ms`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use axum::http::{Method, Request, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Empty, Limited};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde::Deserialize;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep_until, timeout};

use crate::call::Caller;
use crate::settings::Auth;

/// The maximum size of a key set, in bytes.
const LONGEST: usize = 256 * 1024;

/// A key that verifies tokens.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) key: DecodingKey,
    /// The only algorithm of the key, if the key set names one.
    pub(crate) algorithm: Option<Algorithm>,
}

/// Error if the key of a token is not cached and the identity service does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the identity service does not answer")]
pub(crate) struct NoKeys;

#[derive(Debug)]
pub(crate) struct Keys {
    url: Uri,
    caller: Caller,
    timeout: Duration,
    refresh: Duration,
    stale: Duration,
    cooldown: Duration,
    held: ArcSwapOption<Held>,
    /// The last fetch. A task fetches only while it holds the lock.
    fetching: Mutex<Option<Fetch>>,
    /// Limits the number of tokens that wait for a fetch.
    waiting: Semaphore,
}

#[derive(Debug)]
struct Held {
    keys: HashMap<String, Arc<Key>>,
    since: Instant,
}

/// The last fetch.
#[derive(Clone, Copy, Debug)]
struct Fetch {
    at: Instant,
    is_ok: bool,
}

/// The maximum number of tokens with unknown keys that wait for a fetch. Others get 503.
const WAITING: usize = 256;

impl Keys {
    pub(crate) fn new(auth: &Auth, url: Uri, caller: Caller) -> Self {
        let milliseconds = Duration::from_millis;
        Self {
            url,
            caller,
            timeout: milliseconds(auth.timeout_ms),
            refresh: milliseconds(auth.refresh_ms),
            stale: milliseconds(auth.stale_ms),
            cooldown: milliseconds(auth.cooldown_ms),
            held: ArcSwapOption::empty(),
            fetching: Mutex::new(None),
            waiting: Semaphore::new(WAITING),
        }
    }

    /// The key with this id. `None` if the identity service has no such key.
    pub(crate) async fn find(self: &Arc<Self>, name: &str) -> Result<Option<Arc<Key>>, NoKeys> {
        let cached = self.valid();
        if let Some(key) = cached.as_ref().and_then(|cached| cached.keys.get(name)) {
            let since = cached.as_ref().map(|cached| cached.since);
            if since.is_some_and(|since| since.elapsed() >= self.refresh) {
                // Refreshes in the background, since the cached key is valid.
                tokio::spawn(Arc::clone(self).refresh(since));
            }
            return Ok(Some(Arc::clone(key)));
        }
        let _permit = self.waiting.try_acquire().map_err(|_| NoKeys)?;
        let since = self.held.load().as_ref().map(|held| held.since);
        // Fetches in its own task, so that a client that disconnects does not cancel the fetch for the others.
        let is_fresh = tokio::spawn(Arc::clone(self).refresh(since)).await.unwrap_or(false);
        let found = self.valid().and_then(|held| held.keys.get(name).cloned());
        if found.is_none() && !is_fresh { Err(NoKeys) } else { Ok(found) }
    }

    /// The cached keys, unless they are too old.
    fn valid(&self) -> Option<Arc<Held>> {
        self.held.load_full().filter(|held| held.since.elapsed() < self.stale)
    }

    /// Fetches the keys after the cooldown, unless newer ones than those of `before` have arrived in the meantime.
    /// Returns whether the last fetch succeeded.
    async fn refresh(self: Arc<Self>, before: Option<Instant>) -> bool {
        let mut last = self.fetching.lock().await;
        if let Some(last) = *last {
            let has_newer = self.held.load().as_ref().map(|held| held.since) != before;
            let is_cooling = last.at.elapsed() < self.cooldown;
            let next = last.at + self.cooldown;
            if has_newer {
                return true;
            }
            if is_cooling && (!last.is_ok || next > Instant::now() + self.timeout) {
                return last.is_ok;
            }
            sleep_until(next).await;
        }
        let at = Instant::now();
        let fetched = timeout(self.timeout, self.fetch()).await;
        let is_ok = match fetched {
            Ok(Ok(keys)) => {
                tracing::info!(keys = keys.len(), "fetched the keys of the identity service");
                self.held.store(Some(Arc::new(Held { keys, since: Instant::now() })));
                true
            }
            Ok(Err(why)) => {
                tracing::error!(%why, url = %self.url, "cannot fetch the keys of the identity service");
                false
            }
            Err(_) => {
                tracing::error!(url = %self.url, "the identity service did not answer in time");
                false
            }
        };
        *last = Some(Fetch { at, is_ok });
        is_ok
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<Key>>, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = Request::new(Either::Left(Empty::<Bytes>::new()));
        *request.method_mut() = Method::GET;
        *request.uri_mut() = self.url.clone();
        let answer = self.caller.request(request).await?;
        if !answer.status().is_success() {
            return Err(format!("status {}", answer.status()).into());
        }
        let body = Limited::new(answer.into_body(), LONGEST).collect().await?.to_bytes();
        let set: Set = serde_json::from_slice(&body)?;
        let keys: HashMap<_, _> = set.keys.into_iter().filter_map(usable).collect();
        if keys.is_empty() { Err("there is no key that can be used".into()) } else { Ok(keys) }
    }
}

/// A key set. Its keys are parsed one by one, so that one of an unknown kind does not affect the others.
#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

/// Parses a key. `None` unless it has an id, verifies signatures, and is not a shared secret.
fn usable(key: serde_json::Value) -> Option<(String, Arc<Key>)> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let is_for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let name = jwk.common.key_id.clone().filter(|_| is_for_signatures)?;
    let algorithm = match jwk.common.key_algorithm {
        // An unknown algorithm does not mean that any algorithm is allowed.
        Some(algorithm) => Some(algorithm.to_string().parse().ok()?),
        None => None,
    };
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    let is_whole = match key.family() {
        AlgorithmFamily::Hmac => false,
        // `jsonwebtoken` panics on a shorter key.
        AlgorithmFamily::Ed => key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == 32),
        AlgorithmFamily::Rsa | AlgorithmFamily::Ec => true,
    };
    is_whole.then(|| (name, Arc::new(Key { key, algorithm })))
}

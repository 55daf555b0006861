//! The keys that tokens are signed with, as the identity service publishes them (JWKS, RFC 7517).
//!
//! They are kept, and read again from time to time, and at once for a key that is not known: that is how
//! an identity service brings in a new one. Since anybody can make up the name of a key, that happens at
//! most once in `auth.cooldown_ms`. While the service is down, the keys that are held go on for a while.

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
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::call::Caller;
use crate::settings::Auth;

/// The longest set of keys, in bytes.
const LONGEST: usize = 256 * 1024;

/// A key that tokens are signed with.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) key: DecodingKey,
    /// The one algorithm that it is for, where the set says so.
    pub(crate) algorithm: Option<Algorithm>,
}

/// No keys are held, and none can be had.
#[derive(Debug, thiserror::Error)]
#[error("the identity service does not give its keys")]
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
    /// When they were last asked for. Whoever holds this asks.
    asking: Mutex<Option<Instant>>,
}

#[derive(Debug)]
struct Held {
    keys: HashMap<String, Arc<Key>>,
    since: Instant,
}

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
            asking: Mutex::new(None),
        }
    }

    /// The key of this name; `None` where the identity service has no such key.
    pub(crate) async fn find(self: &Arc<Self>, name: &str) -> Result<Option<Arc<Key>>, NoKeys> {
        if let Some(held) = self.good() {
            let is_due = held.since.elapsed() >= self.refresh;
            if let Some(key) = held.keys.get(name) {
                if is_due {
                    // Nobody waits for it.
                    tokio::spawn(Arc::clone(self).ask(Some(held.since)));
                }
                return Ok(Some(Arc::clone(key)));
            }
        }
        let since = self.held.load().as_ref().map(|held| held.since);
        // In a task of its own: a client that goes away must not take the answer from all others.
        if let Err(why) = tokio::spawn(Arc::clone(self).ask(since)).await {
            tracing::error!(%why, "asking for keys was cut short");
        }
        let held = self.good().ok_or(NoKeys)?;
        Ok(held.keys.get(name).cloned())
    }

    /// The keys that are held, unless they are too old.
    fn good(&self) -> Option<Arc<Held>> {
        self.held.load_full().filter(|held| held.since.elapsed() < self.stale)
    }

    /// Asks for the keys, unless others than those of `before` have come meanwhile, or they were asked for
    /// a moment ago.
    async fn ask(self: Arc<Self>, before: Option<Instant>) {
        let mut asked = self.asking.lock().await;
        let now = self.held.load().as_ref().map(|held| held.since);
        let is_cooling = asked.is_some_and(|asked| asked.elapsed() < self.cooldown);
        if now != before || is_cooling {
            return;
        }
        *asked = Some(Instant::now());
        match timeout(self.timeout, self.fetch()).await {
            Ok(Ok(keys)) => {
                tracing::info!(keys = keys.len(), "the identity service gave its keys");
                self.held.store(Some(Arc::new(Held { keys, since: Instant::now() })));
            }
            Ok(Err(why)) => tracing::error!(%why, url = %self.url, "the keys can't be had"),
            Err(_) => tracing::error!(url = %self.url, "the keys did not come in time"),
        }
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

/// A set whose keys are read one by one, so that one of an unknown kind does no harm to the others.
#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

/// A key that has a name, verifies signatures, and is no secret that two share.
fn usable(key: serde_json::Value) -> Option<(String, Arc<Key>)> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let is_for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let name = jwk.common.key_id.clone().filter(|_| is_for_signatures)?;
    let algorithm = match jwk.common.key_algorithm {
        // An algorithm that is not known is not `any`.
        Some(algorithm) => Some(algorithm.to_string().parse().ok()?),
        None => None,
    };
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    let is_whole = match key.family() {
        AlgorithmFamily::Hmac => false,
        // Of a shorter one, `jsonwebtoken` would panic.
        AlgorithmFamily::Ed => key.try_get_as_bytes().is_ok_and(|bytes| bytes.len() == 32),
        AlgorithmFamily::Rsa | AlgorithmFamily::Ec => true,
    };
    is_whole.then(|| (name, Arc::new(Key { key, algorithm })))
}

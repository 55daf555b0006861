//! A small identity service: it signs tokens and publishes the keys that verify them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// The issuer of the tokens.
pub const ISSUER: &str = "https://identity.example";
/// The audience of the tokens.
pub const AUDIENCE: &str = "api";

/// An identity service. Clones share the same state.
#[derive(Clone, Default)]
pub struct Identity(Arc<Inner>);

#[derive(Default)]
struct Inner {
    keys: Mutex<Vec<Signer>>,
    asked: AtomicUsize,
    is_down: AtomicBool,
}

/// A key that signs tokens.
#[derive(Clone)]
pub struct Signer {
    name: String,
    key: EncodingKey,
}

/// The bytes before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

impl Signer {
    /// A key with this id. It consists of predictable numbers and is suitable for demos only.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut der = PKCS8.to_vec();
        der.extend(std::iter::repeat_with(|| fastrand::u8(..)).take(32));
        Self { name: name.to_owned(), key: EncodingKey::from_ed_der(&der) }
    }

    /// A token with these claims.
    ///
    /// # Errors
    ///
    /// None are known.
    pub fn sign(&self, claims: &Value) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.name.clone());
        encode(&header, claims, &self.key)
    }

    /// The public key.
    fn public(&self) -> Option<Jwk> {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::EdDSA).ok()?;
        jwk.common.key_id = Some(self.name.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Some(jwk)
    }
}

/// The claims of a valid token that expires in an hour.
#[must_use]
pub fn claims(subject: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    json!({ "sub": subject, "iss": ISSUER, "aud": AUDIENCE, "exp": now + 3_600 })
}

impl Identity {
    /// A service that publishes these keys.
    #[must_use]
    pub fn of(keys: impl IntoIterator<Item = Signer>) -> Self {
        let service = Self::default();
        service.publish(keys);
        service
    }

    /// Replaces the published keys.
    pub fn publish(&self, keys: impl IntoIterator<Item = Signer>) {
        *self.0.keys.lock().unwrap_or_else(PoisonError::into_inner) = keys.into_iter().collect();
    }

    /// Stops or resumes answering requests.
    pub fn set_down(&self, is_down: bool) {
        self.0.is_down.store(is_down, Ordering::Relaxed);
    }

    /// The number of requests for the keys.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// The only route: `/jwks.json`.
    pub fn routes(&self) -> Router {
        Router::new().route("/jwks.json", get(keys)).with_state(self.clone())
    }
}

async fn keys(State(Identity(service)): State<Identity>) -> Response {
    service.asked.fetch_add(1, Ordering::Relaxed);
    if service.is_down.load(Ordering::Relaxed) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let keys = service.keys.lock().unwrap_or_else(PoisonError::into_inner);
    let keys: Vec<Jwk> = keys.iter().filter_map(Signer::public).collect();
    Json(json!({ "keys": keys })).into_response()
}

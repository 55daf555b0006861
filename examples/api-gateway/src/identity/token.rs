//! Tokens: checks their signature, issuer, audience and expiry.

use std::sync::Arc;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde::Deserialize;

use super::{Clock, Keys, NoKeys};
use crate::settings::Auth;

/// Verifies tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    keys: Arc<Keys>,
    /// The validation for each allowed algorithm.
    checks: Vec<(Algorithm, Validation)>,
    leeway: u64,
    clock: Clock,
}

/// Why a token is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// The token is invalid. The client needs another one.
    #[error("{0}")]
    Bad(&'static str),
    /// The token could not be verified.
    #[error(transparent)]
    Unknown(#[from] NoKeys),
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    /// Seconds since 1970, possibly with a fraction (`NumericDate`, RFC 7519, section 2).
    exp: Option<f64>,
    nbf: Option<f64>,
}

/// The reason if a token lacks a required claim.
const LACKS_A_CLAIM: &str = "the token lacks one of `exp`, `iss`, `aud` and `sub`";

/// The maximum length of a token, in bytes.
const LONGEST: usize = 8 * 1024;

impl Tokens {
    pub(crate) fn new(auth: &Auth, keys: Keys, clock: Clock) -> Self {
        let checks = auth.algorithms.iter().map(|&algorithm| (algorithm, validation(auth, algorithm)));
        Self { keys: Arc::new(keys), checks: checks.collect(), leeway: auth.leeway_s, clock }
    }

    /// Verifies a token. Returns its subject.
    ///
    /// The header of a token selects the algorithm, but any client can write a header. It can therefore select
    /// only among the allowed algorithms, and the key must be one for that algorithm.
    pub(crate) async fn subject(&self, token: &str) -> Result<Arc<str>, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::Bad("the token is too long"));
        }
        let header = decode_header(token).map_err(|_| Refused::Bad("the token can't be read"))?;
        let Header { alg: algorithm, kid, crit, .. } = header;
        let check = self.checks.iter().find(|(allowed, _)| *allowed == algorithm);
        let (_, check) =
            check.ok_or(Refused::Bad("the token is signed with an algorithm that is not taken"))?;
        if crit.is_some() {
            return Err(Refused::Bad("the token asks for extensions"));
        }
        let kid = kid.ok_or(Refused::Bad("the token names no key"))?;
        let key = self.keys.find(&kid).await?;
        let key = key.ok_or(Refused::Bad("the token is signed with a key that is not known"))?;
        if key.algorithm.is_some_and(|only| only != algorithm) {
            return Err(Refused::Bad("the key of the token is for another algorithm"));
        }
        let claims = decode::<Claims>(token, &key.key, check).map_err(|why| {
            tracing::debug!(%why, "a token was refused");
            Refused::Bad(reason(why.kind()))
        })?;
        let Claims { iss: Some(issuer), sub: Some(subject), exp: Some(expires), nbf } = claims.claims else {
            return Err(Refused::Bad(LACKS_A_CLAIM));
        };
        if subject.is_empty() || issuer.is_empty() {
            return Err(Refused::Bad("a claim of the token is empty: `sub` or `iss`"));
        }
        #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are exact in an `f64`")]
        let (now, leeway) = (self.clock.seconds() as f64, self.leeway as f64);
        if now >= expires + leeway || !expires.is_finite() {
            return Err(Refused::Bad("the token has expired"));
        }
        if nbf.is_some_and(|from| from > now + leeway) {
            return Err(Refused::Bad("the token is not valid yet"));
        }
        Ok(subject.into())
    }
}

/// Why a token was refused, for the client.
fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "the signature of the token is invalid",
        ErrorKind::InvalidIssuer => "the token is from another issuer",
        ErrorKind::InvalidAudience => "the token is for another audience",
        ErrorKind::MissingRequiredClaim(_) => LACKS_A_CLAIM,
        ErrorKind::InvalidClaimFormat(_) | ErrorKind::Json(_) => "a claim of the token has the wrong type",
        _ => "the token is malformed",
    }
}

/// Validates everything except times, which are checked against the injected clock.
fn validation(auth: &Auth, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[&auth.issuer]);
    validation.set_audience(&[&auth.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

//! Query parameters. The problem of a wrong one says which it is, and what is accepted.

use axum::extract::{FromRequestParts, Query as AnyQuery};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use serde::de::DeserializeOwned;

use crate::service::problem::Problem;

/// The query parameters of a route. All of them are optional.
pub(super) trait Parameters: DeserializeOwned {
    /// The parameters, each with the values that it accepts: "a whole number".
    fn accepted() -> Vec<(&'static str, String)>;
}

/// Extracts the query parameters of a request.
#[derive(Debug)]
pub(super) struct Query<P>(pub(super) P);

impl<P: Parameters, S: Sync> FromRequestParts<S> for Query<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match AnyQuery::try_from_uri(&parts.uri) {
            Ok(AnyQuery(parameters)) => Ok(Self(parameters)),
            Err(_) => Err(Problem::new(StatusCode::BAD_REQUEST, wrong::<P>(&parts.uri))),
        }
    }
}

/// What is wrong with the query. Finds the parameter that can't be read on its own.
fn wrong<P: Parameters>(uri: &Uri) -> String {
    let accepted = P::accepted();
    for pair in uri.query().unwrap_or_default().split('&') {
        let alone: Option<Uri> = format!("/?{pair}").parse().ok();
        let Some(alone) = alone.filter(|alone| AnyQuery::<P>::try_from_uri(alone).is_err()) else { continue };
        let decoded = AnyQuery::<Vec<(String, String)>>::try_from_uri(&alone);
        let name = decoded.ok().and_then(|AnyQuery(pairs)| Some(pairs.into_iter().next()?.0));
        let name = name.unwrap_or_default();
        return match accepted.iter().find(|(known, _)| *known == name) {
            Some((_, values)) => format!("the query parameter `{name}` has to be {values}"),
            None => format!("`{name}` is no query parameter of this path, which has {}", list(&accepted)),
        };
    }
    format!("each query parameter can be given once: {}", list(&accepted))
}

fn list(accepted: &[(&str, String)]) -> String {
    let names: Vec<_> = accepted.iter().map(|(name, _)| format!("`{name}`")).collect();
    names.join(", ")
}

//! The lane `Router`: finds the route of a request.

use axum::http::{HeaderValue, StatusCode, header};
use flowgen::{Result, Visit};

use crate::Exchange;
use crate::drawing::router::{self as drawn, HowManyBackends, RouteFound};
use crate::routes::{To, Tried, normalize};
use crate::service::problem::Problem;

/// Finds routes in the table that was active when the request arrived.
#[derive(Debug)]
pub struct Router;

impl drawn::Router<Exchange> for Router {
    async fn find_route(&self, exchange: &mut Exchange, _: &Visit) -> Result {
        let path = normalize(exchange.head.uri.path())?;
        let tried = exchange.table.find(&exchange.head.method, &path);
        match tried {
            Tried::Ambiguous => {
                let detail =
                    "the path has a `;`, and leads to different routes with and without what follows it";
                exchange.refuse(Problem::new(StatusCode::BAD_REQUEST, detail));
            }
            Tried::Found(found) => exchange.found = Some(found),
            Tried::None => exchange.refuse(Problem::not_found("no route leads there")),
            Tried::OtherMethods(methods) => {
                let detail = format!("this route takes {methods}");
                let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail);
                exchange.refuse(problem.with(header::ALLOW, HeaderValue::try_from(methods)?));
            }
        }
        Ok(())
    }

    async fn route_found(&self, exchange: &Exchange, _: &Visit) -> Result<RouteFound> {
        Ok(if exchange.found.is_some() { RouteFound::Yes } else { RouteFound::No })
    }

    async fn how_many_backends(&self, exchange: &Exchange, _: &Visit) -> Result<HowManyBackends> {
        Ok(match exchange.route()?.to {
            To::One(_) => HowManyBackends::One,
            To::Several(_) => HowManyBackends::Several,
        })
    }
}

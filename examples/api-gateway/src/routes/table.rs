//! The validated routes, with their lookup.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use circuit_breaker::Breaker;
use matchit::Router;
use tokio::sync::watch;
use tokio::time::Instant;

use super::file::{self, BreakerScope, Entry, File, Partial, TableError};
use super::{Matching, NormalPath, Pool, Target, Template};
use crate::quota::{self, Bucket, Quota, Runtime};

/// The routes. A table is immutable; a reload replaces it.
#[derive(Debug)]
pub(crate) struct Table {
    /// The routes by path. Those of a path differ in their methods.
    paths: Router<Vec<Arc<Route>>>,
    routes: Vec<Arc<Route>>,
    matching: Matching,
}

/// A route.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) name: String,
    methods: Vec<Method>,
    pub(crate) is_public: bool,
    pub(crate) timeout: Duration,
    /// The maximum time for all attempts and all parts.
    pub(crate) deadline: Duration,
    /// The maximum time to wait for the next part of a response body, if it differs from the setting.
    pub(crate) idle: Option<Duration>,
    pub(crate) retries: u32,
    limit: Option<(Quota, Arc<Bucket>)>,
    pub(crate) to: To,
}

/// The target of a route.
#[derive(Debug)]
pub(crate) enum To {
    One(Backend),
    Several(Gather),
}

/// A backend, with its name in the file.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    pub(crate) name: String,
    pub(crate) target: Arc<Target>,
    pub(crate) breaker: Breaker,
}

/// An aggregated response.
#[derive(Debug)]
pub(crate) struct Gather {
    pub(crate) parts: Vec<Part>,
    pub(crate) allows_partial: bool,
}

/// A part of an aggregated response.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: Arc<str>,
    pub(crate) backend: Backend,
    pub(crate) path: Template,
    pub(crate) is_required: bool,
}

/// The default maximum time for all attempts of a request.
const DEADLINE: Duration = Duration::from_secs(5);

/// The route of a request.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) route: Arc<Route>,
    /// The decoded values of the placeholders, if the route has parts.
    pub(crate) values: Vec<(String, String)>,
    /// The deadline of all attempts.
    pub(crate) until: Instant,
    /// Becomes true when a part has failed without which there is no response.
    pub(crate) is_hopeless: watch::Sender<bool>,
}

impl Found {
    fn new(route: &Arc<Route>, values: Vec<(String, String)>) -> Self {
        let until = Instant::now() + route.deadline;
        Self { route: Arc::clone(route), values, until, is_hopeless: watch::Sender::new(false) }
    }

    /// How long the next attempt may take. Zero after the deadline.
    pub(crate) fn time_left(&self) -> Duration {
        self.route.timeout.min(self.until.saturating_duration_since(Instant::now()))
    }
}

/// The result of a route lookup.
#[derive(Debug)]
pub(crate) enum Tried {
    Found(Found),
    /// The path has routes, but only for these methods.
    OtherMethods(String),
    /// Servers that interpret `;` differently would select different routes.
    Ambiguous,
    None,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.routes.len()
    }

    /// Finds the route for a request.
    pub(crate) fn find(&self, method: &Method, path: &NormalPath<'_>) -> Tried {
        let found = self.look_up(method, &path.decoded);
        let Some(other) = path.decoded_without_parameters() else { return found };
        match (&found, self.look_up(method, &other)) {
            (Tried::Found(one), Tried::Found(other)) if Arc::ptr_eq(&one.route, &other.route) => found,
            (Tried::None, Tried::None) => found,
            _ => Tried::Ambiguous,
        }
    }

    fn look_up(&self, method: &Method, decoded: &str) -> Tried {
        let key = self.matching.key(decoded);
        let Ok(matched) = self.paths.at(&key) else { return Tried::None };
        match matched.value.iter().find(|route| route.takes(method)) {
            Some(route) => {
                // A single backend gets the unchanged path, so the values are needed only for several.
                let params = matched.params.iter().filter(|_| matches!(route.to, To::Several(_)));
                // The key has the same bytes at the same offsets, except for their case.
                let original = |value: &str| {
                    let start = value.as_ptr() as usize - key.as_ptr() as usize;
                    decoded.get(start..start + value.len()).unwrap_or(value).to_owned()
                };
                let values = params.map(|(name, value)| (name.to_owned(), original(value))).collect();
                Tried::Found(Found::new(route, values))
            }
            None => {
                let methods = matched.value.iter().flat_map(|route| &route.methods).map(Method::as_str);
                Tried::OtherMethods(methods.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn limit(&self, route: &str, quota: Quota) -> Option<Arc<Bucket>> {
        let route = self.routes.iter().find(|one| one.name == route)?;
        route.limit.as_ref().filter(|(before, _)| *before == quota).map(|(_, bucket)| Arc::clone(bucket))
    }
}

impl Route {
    fn takes(&self, method: &Method) -> bool {
        self.methods.contains(method)
    }

    /// The limit of this route.
    pub(crate) fn limit(&self) -> Option<&Bucket> {
        self.limit.as_ref().map(|(_, bucket)| &**bucket)
    }
}

/// Loads routes from a file. Limits that are the same as before keep their counts.
pub(super) fn read(
    file: &Path,
    pool: &Pool,
    clock: &Runtime,
    before: Option<&Table>,
) -> Result<Table, TableError> {
    let File { backends, paths: matching, routes } = file::read(file)?;
    let mut known = BTreeMap::new();
    for (name, backend) in backends {
        let target = pool.target(&backend.url).map_err(|why| {
            TableError::wrong(format!("backends.{name}.url"), format!("{why}: `{}`", backend.url))
        })?;
        let breaker = pool.shared_breaker(&target);
        known.insert(name.clone(), Backend { name, target, breaker });
    }
    if routes.is_empty() {
        return Err(TableError::wrong("routes", "names no route"));
    }
    let mut by_path: BTreeMap<String, Vec<Arc<Route>>> = BTreeMap::new();
    let mut all = Vec::new();
    for (name, entry) in routes {
        let key = |part: &str| format!("routes.{name}.{part}");
        let template =
            Template::parse(&entry.path).map_err(|why| TableError::wrong(key("path"), why.to_string()))?;
        let path = template.pattern(matching);
        let limit = entry.limit.map(|quota| {
            let kept = before.and_then(|before| before.limit(&name, quota));
            (quota, kept.unwrap_or_else(|| Arc::new(quota::bucket(quota, clock))))
        });
        let route = Arc::new(route(&name, entry, &template, limit, &Backends { known: &known, pool })?);
        let beside = by_path.entry(path).or_default();
        if let Some(twice) = beside.iter().flat_map(|one| &one.methods).find(|method| route.takes(method)) {
            return Err(TableError::wrong(
                key("methods"),
                format!("take `{twice}`, and so does another route"),
            ));
        }
        beside.push(Arc::clone(&route));
        all.push(route);
    }
    let mut paths = Router::new();
    for (path, routes) in by_path {
        let name = routes.first().map_or_else(String::new, |route| route.name.clone());
        let insert = paths.insert(path, routes);
        insert.map_err(|why| TableError::wrong(format!("routes.{name}.path"), why.to_string()))?;
    }
    Ok(Table { paths, routes: all, matching })
}

/// The backends in the file, and the source of their breakers.
struct Backends<'a> {
    known: &'a BTreeMap<String, Backend>,
    pool: &'a Pool,
}

fn route(
    name: &str,
    entry: Entry,
    template: &Template,
    limit: Option<(Quota, Arc<Bucket>)>,
    backends: &Backends<'_>,
) -> Result<Route, TableError> {
    let key = |part: &str| format!("routes.{name}.{part}");
    let milliseconds = |number: NonZeroU64| Duration::from_millis(number.get());
    let slow_after = entry.slow_ms.map(milliseconds);
    if slow_after.is_some() && entry.breaker == BreakerScope::Backend {
        return Err(TableError::wrong(key("slow_ms"), "needs `breaker = \"route\"`"));
    }
    let backend = |key: String, backend: &str| {
        let unknown = || TableError::wrong(key, format!("names `{backend}`, which is no backend"));
        let found = backends.known.get(backend).cloned().ok_or_else(unknown)?;
        Ok(match entry.breaker {
            BreakerScope::Backend => found,
            BreakerScope::Route => {
                Backend { breaker: backends.pool.own_breaker(&found.target, name, slow_after), ..found }
            }
        })
    };
    let methods = methods(&entry.methods).map_err(|why| TableError::wrong(key("methods"), why))?;
    if entry.timeout_ms == 0 {
        return Err(TableError::wrong(key("timeout_ms"), "has to be at least 1"));
    }
    let to = match entry.backend {
        Some(one) if entry.parts.is_empty() => To::One(backend(key("backend"), &one)?),
        None if !entry.parts.is_empty() => {
            if methods.iter().any(|method| method != Method::GET) {
                return Err(TableError::wrong(key("methods"), "can only be `GET` where there are parts"));
            }
            let places: Vec<&str> = template.placeholders().collect();
            let part = |(part, entry): (String, file::PartEntry)| {
                let key = |last: &str| key(&format!("parts.{part}.{last}"));
                let path = Template::parse(&entry.path)
                    .map_err(|why| TableError::wrong(key("path"), why.to_string()))?;
                if let Some(unknown) = path.placeholders().find(|place| !places.contains(place)) {
                    let why = format!("has `{{{unknown}}}`, which the path of the route has not");
                    return Err(TableError::wrong(key("path"), why));
                }
                let backend = backend(key("backend"), &entry.backend)?;
                Ok(Part { name: part.clone().into(), backend, path, is_required: entry.required })
            };
            let parts = entry.parts.into_iter().map(part).collect::<Result<_, _>>()?;
            To::Several(Gather { parts, allows_partial: entry.partial == Partial::Allow })
        }
        _ => return Err(TableError::wrong(format!("routes.{name}"), "needs either `backend` or `parts`")),
    };
    let timeout = Duration::from_millis(entry.timeout_ms);
    let deadline = entry.deadline_ms.map_or(DEADLINE.max(timeout), Duration::from_millis);
    if deadline < timeout {
        return Err(TableError::wrong(key("deadline_ms"), "has to be at least `timeout_ms`"));
    }
    Ok(Route {
        name: name.to_owned(),
        methods,
        is_public: entry.public,
        timeout,
        deadline,
        idle: entry.idle_ms.map(milliseconds),
        retries: entry.retries,
        limit,
        to,
    })
}

/// Parses the names of methods.
fn methods(names: &[String]) -> Result<Vec<Method>, String> {
    if names.is_empty() {
        return Err("have to name one".to_owned());
    }
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let method = |name: &String| known.iter().find(|method| method.as_str() == name).cloned();
    names.iter().map(|name| method(name).ok_or_else(|| format!("can't be `{name}`"))).collect()
}

#[cfg(test)]
mod tests {
    use circuit_breaker::{Registry, Settings};
    use proptest::prelude::{prop, proptest};
    use proptest::sample::select;

    use super::super::normalize;
    use super::*;
    use crate::settings::RetrySettings;

    fn table(paths: &[String]) -> Option<Table> {
        let mut file = "[backends.one]\nurl = 'http://127.0.0.1:9'\n".to_owned();
        for (number, path) in paths.iter().enumerate() {
            file += &format!("[routes.r{number}]\npath = '{path}'\nbackend = 'one'\n");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("routes.toml");
        std::fs::write(&path, file).unwrap();
        let pool = Pool::new(Registry::new(Settings::default()).unwrap(), RetrySettings::default());
        // Tables in which two routes match the same paths are refused.
        read(&path, &pool, &Runtime::new(), None).ok()
    }

    fn route(table: &Table, path: &str) -> Option<String> {
        match table.find(&Method::GET, &normalize(path).ok()?) {
            Tried::Found(found) => Some(found.route.name.clone()),
            _ => None,
        }
    }

    /// The ways in which servers interpret a path: decoded, with single slashes, without parameters, in lower
    /// case, without a trailing slash, with dot segments removed.
    fn readings(forwarded: &str) -> Vec<String> {
        let decoded = normalize(forwarded).unwrap().decoded.into_owned();
        let single = decoded.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
        let plain: Vec<_> =
            decoded.split('/').map(|part| part.split(';').next().unwrap_or_default()).collect();
        let lower = decoded.to_ascii_lowercase();
        let trimmed = decoded.strip_suffix('/').unwrap_or(&decoded).to_owned();
        let mut resolved = Vec::new();
        for part in decoded.split('/').skip(1) {
            match part {
                "." => {}
                ".." => drop(resolved.pop()),
                part => resolved.push(part),
            }
        }
        vec![
            format!("/{single}"),
            plain.join("/"),
            lower,
            trimmed,
            format!("/{}", resolved.join("/")),
            decoded,
        ]
    }

    const TEXT: &[&str] = &["pub", "admin", "Admin", "a", "@me", "caf%C3%A9", "{id}"];
    const PIECES: &[&str] = &[
        "pub",
        "admin",
        "ADMIN",
        "%61dmin",
        "adm%69n",
        "a",
        "A",
        "%40me",
        "@me",
        "caf%c3%a9",
        "/",
        "/",
        "/",
        "//",
        ".",
        "..",
        "%2e",
        "%2f",
        ";x",
        "%3bx",
        "\\",
        "%00",
    ];

    proptest! {
        /// However a backend interprets the forwarded path, it is the path that was matched.
        #[test]
        fn what_a_backend_sees_is_what_was_matched(
            routes in prop::collection::vec(
                (prop::collection::vec(select(TEXT), 1..4), prop::bool::ANY), 1..6,
            ),
            request in prop::collection::vec(select(PIECES), 1..9),
        ) {
            let routes: Vec<String> = routes
                .into_iter()
                .map(|(text, is_rest)| {
                    let named = text.iter().enumerate().map(|(number, part)| part.replace("id", &format!("p{number}")));
                    let path: Vec<String> = named.collect();
                    format!("/{}{}", path.join("/"), if is_rest { "/{*rest}" } else { "" })
                })
                .collect();
            let Some(table) = table(&routes) else { return Ok(()) };
            let request = format!("/{}", request.concat());
            let Ok(normal) = normalize(&request) else { return Ok(()) };
            let Tried::Found(matched) = table.find(&Method::GET, &normal) else { return Ok(()) };
            for reading in readings(&normal.forwarded) {
                let escaped = reading.replace('%', "%25");
                let again = match table.look_up(&Method::GET, &reading) {
                    Tried::Found(found) => Some(found.route.name.clone()),
                    _ => None,
                };
                assert_eq!(again.as_ref(), Some(&matched.route.name), "{routes:?}: {request} read as {escaped}");
            }
            assert_eq!(route(&table, &normal.forwarded).as_ref(), Some(&matched.route.name));
        }
    }
}

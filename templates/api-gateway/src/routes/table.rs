//! The routes, checked and ready to be looked up.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use matchit::Router;

use super::file::{self, Entry, File, Partial, TableError};
use super::{Pool, Target, Template};
use crate::quota::{self, Bucket, Quota, Runtime};

/// The routes. They do not change: others take their place.
#[derive(Debug)]
pub(crate) struct Table {
    /// By path, the routes that differ in their methods.
    paths: Router<Vec<Arc<Route>>>,
    routes: Vec<Arc<Route>>,
}

/// A route.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) name: String,
    methods: Vec<Method>,
    pub(crate) is_public: bool,
    pub(crate) timeout: Duration,
    pub(crate) retries: u32,
    limit: Option<(Quota, Arc<Bucket>)>,
    pub(crate) to: To,
}

/// Where a route leads.
#[derive(Debug)]
pub(crate) enum To {
    One(Backend),
    Several(Gather),
}

/// A backend, by the name that the file gives to it.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    pub(crate) name: String,
    pub(crate) target: Arc<Target>,
}

/// An answer that is put together.
#[derive(Debug)]
pub(crate) struct Gather {
    pub(crate) parts: Vec<Part>,
    pub(crate) allows_partial: bool,
}

/// A part of it.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: Arc<str>,
    pub(crate) backend: Backend,
    pub(crate) path: Template,
    pub(crate) is_required: bool,
}

/// A route, and where there are parts, what the path had at its places.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) route: Arc<Route>,
    pub(crate) values: Vec<(String, String)>,
}

/// What came of looking for a route.
#[derive(Debug)]
pub(crate) enum Tried {
    Found(Found),
    /// There is one, for these methods.
    OtherMethods(String),
    None,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.routes.len()
    }

    /// The route for a request.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Tried {
        let Ok(matched) = self.paths.at(path) else { return Tried::None };
        match matched.value.iter().find(|route| route.takes(method)) {
            Some(route) => {
                // One backend gets the path as it is.
                let params = matched.params.iter().filter(|_| matches!(route.to, To::Several(_)));
                let values = params.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                Tried::Found(Found { route: Arc::clone(route), values })
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

/// Reads routes from a file; limits that are the same as before go on counting.
pub(super) fn read(
    file: &Path,
    pool: &Pool,
    clock: &Runtime,
    before: Option<&Table>,
) -> Result<Table, TableError> {
    let File { backends, routes } = file::read(file)?;
    let mut known = BTreeMap::new();
    for (name, backend) in backends {
        let target = pool.target(&backend.url).map_err(|why| {
            TableError::wrong(format!("backends.{name}.url"), format!("{why}: `{}`", backend.url))
        })?;
        known.insert(name.clone(), Backend { name, target });
    }
    let mut by_path: BTreeMap<String, Vec<Arc<Route>>> = BTreeMap::new();
    let mut all = Vec::new();
    for (name, entry) in routes {
        let path = entry.path.clone();
        let key = |part: &str| format!("routes.{name}.{part}");
        let limit = entry.limit.map(|quota| {
            let kept = before.and_then(|before| before.limit(&name, quota));
            (quota, kept.unwrap_or_else(|| Arc::new(quota::bucket(quota, clock))))
        });
        let route = Arc::new(route(&name, entry, limit, &known)?);
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
    Ok(Table { paths, routes: all })
}

fn route(
    name: &str,
    entry: Entry,
    limit: Option<(Quota, Arc<Bucket>)>,
    known: &BTreeMap<String, Backend>,
) -> Result<Route, TableError> {
    let key = |part: &str| format!("routes.{name}.{part}");
    let backend = |key: String, name: &str| {
        let found = known.get(name).cloned();
        found.ok_or_else(|| TableError::wrong(key, format!("names `{name}`, which is no backend")))
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
            let places: Vec<String> = Template::new(&entry.path).places().map(str::to_owned).collect();
            let part = |(part, entry): (String, file::PartEntry)| {
                let key = |last: &str| key(&format!("parts.{part}.{last}"));
                let path = Template::new(&entry.path);
                if !entry.path.starts_with('/') {
                    return Err(TableError::wrong(key("path"), "has to begin with `/`"));
                }
                if let Some(unknown) = path.places().find(|place| !places.iter().any(|known| known == place))
                {
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
    let (is_public, retries) = (entry.public, entry.retries);
    Ok(Route { name: name.to_owned(), methods, is_public, timeout, retries, limit, to })
}

/// The methods with these names.
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

//! Compares OpenAPI documents with what the service does.

use std::collections::BTreeSet;

use reqwest::{Client, Method};
use serde_json::Value;

use super::figures::Figures;

/// The document of an address.
pub struct Document {
    client: Client,
    address: String,
    document: Value,
}

/// Method, path and status.
type Answer = (String, String, u16);

impl Document {
    /// Asks an address such as `http://127.0.0.1:8080`. References have to lead somewhere, and operations have to have names of
    /// their own.
    pub async fn of(client: &Client, address: &str) -> Self {
        let answer = client.get(format!("{address}/openapi.json")).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"application/json".parse().unwrap())
        );
        let document: Value = answer.json().await.unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        check_references(&document, &document);
        let this = Self { client: client.clone(), address: address.to_owned(), document };
        let names: Vec<_> =
            this.operations().iter().map(|(.., operation)| &operation["operationId"]).collect();
        assert!(names.iter().all(|name| name.is_string()), "{names:?}");
        assert_eq!(
            names.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len(),
            names.len(),
            "{names:?}"
        );
        this
    }

    /// The paths are those of the routes in these sources, and the methods those of the header `Allow`.
    pub async fn agrees_with_routes_of(&self, sources: &[&str]) {
        let written = sources.iter().flat_map(|source| source.split(".route(").skip(1));
        let written = written.map(|rest| rest.split('"').nth(1).unwrap());
        let paths = self.document["paths"].as_object().unwrap();
        let documented: BTreeSet<_> = paths.keys().map(String::as_str).collect();
        assert_eq!(documented, written.collect(), "the paths of {}", self.address);
        for path in documented {
            let url: Vec<_> =
                path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
            let method = Method::from_bytes(b"NONE").unwrap();
            let refused = self
                .client
                .request(method, format!("{}{}", self.address, url.join("/")))
                .send()
                .await
                .unwrap();
            assert_eq!(refused.status(), 405, "{path}");
            let allow = refused.headers()["allow"].to_str().unwrap().split(',').map(str::trim);
            let allowed: BTreeSet<_> = allow.filter(|method| *method != "HEAD").map(str::to_owned).collect();
            let methods = self.operations().into_iter().filter(|(_, of, _)| *of == path);
            let methods: BTreeSet<_> = methods.map(|(method, ..)| method.to_uppercase()).collect();
            assert_eq!(methods, allowed, "{path}");
        }
    }

    fn operations(&self) -> Vec<(&str, &str, &Value)> {
        let paths = self.document["paths"].as_object().unwrap().iter();
        let operations = paths.flat_map(|(path, operations)| {
            let operations = operations.as_object().unwrap().iter();
            operations.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        });
        operations.collect()
    }

    /// The statuses that it names. Others are errors.
    fn answers(&self) -> BTreeSet<Answer> {
        let mut answers = BTreeSet::new();
        for (method, path, operation) in self.operations() {
            for status in operation["responses"].as_object().unwrap().keys().filter(|name| *name != "default")
            {
                answers.insert((method.to_uppercase(), path.to_owned(), status.parse().unwrap()));
            }
        }
        answers
    }
}

/// Each status that was answered is documented, and each documented one was answered, but for those that are tested
/// elsewhere. Errors may be left out of a document: all have the same form.
pub fn statuses_agree(documents: &[Document], figures: &Figures, elsewhere: &[(&str, &str, u16)]) {
    let documented: BTreeSet<_> = documents.iter().flat_map(Document::answers).collect();
    let mut answered = BTreeSet::new();
    for labels in figures.series("http_requests_total") {
        let (method, route, status) = (labels["method"], labels["route"], labels["status"].parse().unwrap());
        if !route.is_empty() && status != 405 {
            answered.insert((method.to_owned(), route.to_owned(), status));
        }
    }
    for answer in &answered {
        assert!(documented.contains(answer) || answer.2 >= 400, "not documented: {answer:?}");
    }
    for (method, path, status) in elsewhere {
        let answer = ((*method).to_owned(), (*path).to_owned(), *status);
        assert!(
            documented.contains(&answer) && answered.insert(answer),
            "not an exception: {method} {path} {status}"
        );
    }
    let missing: Vec<_> = documented.difference(&answered).collect();
    assert!(missing.is_empty(), "documented, but not answered: {missing:?}");
}

fn check_references(within: &Value, document: &Value) {
    if let Some(reference) = within.get("$ref").and_then(Value::as_str) {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    let parts: Vec<_> = match within {
        Value::Object(parts) => parts.values().collect(),
        Value::Array(parts) => parts.iter().collect(),
        _ => Vec::new(),
    };
    for part in parts {
        check_references(part, document);
    }
}

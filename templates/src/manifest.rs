//! The `Cargo.toml` of a new crate, derived from that of an example.

use crate::{Crate, toml};

/// The tables whose `name` is the name of the package.
const NAMED: [&str; 2] = ["[package]", "[[bin]]"];

/// The beginning of the paths to dependencies in an example, which lead to the checkout.
const CHECKOUT: &str = "path = \"../..";

/// Replaces the name of the package, and the sources of flowgen and its engines.
pub(crate) fn adapt(manifest: &str, example: &str, new: &Crate<'_>) -> String {
    let name = format!("name = \"{example}\"");
    let mut table = "";
    let mut out = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            table = line;
        }
        let adapted = if line == name && NAMED.contains(&table) {
            Some(format!("name = {}", toml::string(new.name)))
        } else {
            adapt_path(line, new)
        };
        out.push_str(adapted.as_deref().unwrap_or(line));
        out.push('\n');
    }
    out
}

/// Returns the line of a dependency in the checkout, with the source that the new crate uses.
fn adapt_path(line: &str, new: &Crate<'_>) -> Option<String> {
    let (before, rest) = line.split_once(CHECKOUT)?;
    let (folder, after) = rest.split_once('"')?;
    Some(format!("{before}{}{after}", new.flowgen.keys(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    #[test]
    fn names_and_paths_are_those_of_the_new_crate() {
        let example = r#"[package]
name = "saga"

[lib]
name = "saga"

[dependencies]
flowgen = { path = "../..", features = ["serde"] }
flowgen-sqlite = { path = "../../engines/sqlite" }
tokio = "1"

[[bin]]
name = "saga"
path = "demo/main.rs"

[[bench]]
name = "saga"
"#;
        let flowgen = Source::Path("/a \"b\"".to_owned());
        let new = Crate { name: "shop", flowgen: &flowgen };
        let wanted = r#"[package]
name = "shop"

[lib]
name = "saga"

[dependencies]
flowgen = { path = "/a \"b\"", features = ["serde"] }
flowgen-sqlite = { path = "/a \"b\"/engines/sqlite" }
tokio = "1"

[[bin]]
name = "shop"
path = "demo/main.rs"

[[bench]]
name = "saga"
"#;
        assert_eq!(adapt(example, "saga", &new), wanted);
        let checkout = Source::Path("../..".to_owned());
        assert_eq!(adapt(example, "saga", &Crate { name: "saga", flowgen: &checkout }), example);
    }

    #[test]
    fn dependencies_come_from_a_registry_or_a_repository() {
        let example = "flowgen = { path = \"../..\", features = [\"serde\"] }\n\
                       flowgen-sqlite = { path = \"../../engines/sqlite\" }\n";
        let adapted = |flowgen: Source| adapt(example, "saga", &Crate { name: "shop", flowgen: &flowgen });
        assert_eq!(
            adapted(Source::Version("0.1".to_owned())),
            "flowgen = { version = \"0.1\", features = [\"serde\"] }\n\
             flowgen-sqlite = { version = \"0.1\" }\n"
        );
        let url = "https://example.org/flowgen".to_owned();
        assert_eq!(
            adapted(Source::Git { url: url.clone(), rev: Some("4f2c1e7".to_owned()) }),
            "flowgen = { git = \"https://example.org/flowgen\", rev = \"4f2c1e7\", features = [\"serde\"] }\n\
             flowgen-sqlite = { git = \"https://example.org/flowgen\", rev = \"4f2c1e7\" }\n"
        );
        assert!(
            adapted(Source::Git { url, rev: None }).contains("{ git = \"https://example.org/flowgen\" }")
        );
    }
}

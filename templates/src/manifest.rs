//! The `Cargo.toml` of a new crate, made from that of an example.

use crate::{Crate, toml};

/// The tables whose `name` is the name of the package.
const NAMED: [&str; 2] = ["[package]", "[[bin]]"];

/// The path of an example's dependencies begins with this: the checkout.
const CHECKOUT: &str = "path = \"../..";

/// Replaces the name of the package, and the paths of flowgen and its engines.
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

/// The line of a dependency in the checkout, with the new crate's path to the checkout.
fn adapt_path(line: &str, new: &Crate<'_>) -> Option<String> {
    let (before, rest) = line.split_once(CHECKOUT)?;
    let (folder, after) = rest.split_once('"')?;
    let path = toml::string(&format!("{}{folder}", new.flowgen));
    Some(format!("{before}path = {path}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let new = Crate { name: "shop", flowgen: "/a \"b\"" };
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
        assert_eq!(adapt(example, "saga", &Crate { name: "saga", flowgen: "../.." }), example);
    }
}

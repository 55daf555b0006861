//! Names that cargo accepts for a crate.

use crate::failure::Failure;

/// The keywords of Rust, including reserved ones: `extern crate` cannot name them.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// The crates of the compiler, and the folders that cargo creates in a target folder.
const TAKEN: &[&str] = &[
    "alloc",
    "build",
    "compiler_builtins",
    "core",
    "deps",
    "examples",
    "incremental",
    "panic_abort",
    "panic_unwind",
    "proc_macro",
    "std",
    "test",
];

/// Dependencies of the new crate, which a library of the same name would shadow.
const DEPENDENCIES: &[&str] = &["tokio"];

/// The packages of flowgen: a lock file cannot contain two packages with the same name and version.
const FLOWGEN: &[&str] =
    &["flowgen", "flowgen-codegen", "flowgen-macros", "flowgen-sqlite", "flowgen-temporal"];

/// The longest name that a registry accepts. Cargo appends to it in the names of files.
const MAX_LENGTH: usize = 64;

/// The names of devices on Windows, which no folder can have.
const DEVICES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// Returns the name if it is valid for a crate.
pub(crate) fn checked(name: &str) -> Result<&str, Failure> {
    match fault(name) {
        None => Ok(name),
        Some(why) => Err(Failure::CrateName { name: name.to_owned(), why, suggestion: suggestion(name) }),
    }
}

fn fault(name: &str) -> Option<&'static str> {
    let ident = name.replace('-', "_");
    if name.is_empty() {
        Some("it is empty")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        Some("it may contain only ASCII letters, digits, `-` and `_`")
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        Some("it begins with a digit")
    } else if !name.contains(|c: char| c.is_ascii_alphanumeric()) || name.starts_with('-') {
        Some("it does not begin with a letter")
    } else if name.len() > MAX_LENGTH {
        Some("it is longer than 64 characters")
    } else if ident.contains("__") {
        Some("rustc warns of two dashes or underscores in a row")
    } else if name.contains(|c: char| c.is_ascii_uppercase()) {
        Some("rustc warns of upper case")
    } else if KEYWORDS.contains(&name) {
        Some("it is a keyword of Rust")
    } else if TAKEN.contains(&ident.as_str()) {
        Some("Rust or cargo reserves it")
    } else if FLOWGEN.contains(&name) {
        Some("flowgen has a package with this name")
    } else if DEPENDENCIES.contains(&name) {
        Some("the new crate depends on a crate with this name")
    } else if DEVICES.contains(&name) {
        Some("Windows reserves it")
    } else {
        None
    }
}

/// Returns a valid name that is as similar as possible.
fn suggestion(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    // Leaves room for a prefix and a suffix. All characters are ASCII.
    let mut joined = words.join("-");
    joined.truncate(MAX_LENGTH - "-flow".len());
    let joined = joined.trim_end_matches('-');
    match joined.chars().next() {
        None => "my-flow".to_owned(),
        Some('0'..='9') => format!("flow-{joined}"),
        Some(_) if fault(joined).is_some() => format!("{joined}-flow"),
        Some(_) => joined.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_names_are_accepted() {
        for name in
            ["saga", "order-saga", "order_saga", "saga2", "_saga", "shop", "main", "u8", "flowgen_macros"]
        {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn bad_names_get_a_good_suggestion() {
        let cases = [
            ("", "my-flow"),
            ("2pc", "flow-2pc"),
            ("Order Saga", "order-saga"),
            ("MyShop", "myshop"),
            ("commande-payée", "commande-pay-e"),
            ("async", "async-flow"),
            ("test", "test-flow"),
            ("core", "core-flow"),
            ("flowgen", "flowgen-flow"),
            ("con", "con-flow"),
            ("panic-unwind", "panic-unwind-flow"),
            ("flowgen-macros", "flowgen-macros-flow"),
            ("a--b", "a-b"),
            ("a_-b", "a-b"),
            ("my__shop", "my-shop"),
            (&"x".repeat(65), &"x".repeat(59)),
            (&"9".repeat(80), &format!("flow-{}", "9".repeat(59))),
            ("-", "my-flow"),
            ("注文", "my-flow"),
        ];
        for (name, wanted) in cases {
            assert!(fault(name).is_some(), "{name}");
            assert_eq!(suggestion(name), wanted, "{name}");
            assert_eq!(fault(&suggestion(name)), None, "{name}");
        }
    }

    #[test]
    fn the_lists_are_sorted() {
        for list in [KEYWORDS, TAKEN, DEPENDENCIES, FLOWGEN, DEVICES] {
            assert!(list.is_sorted());
        }
    }
}

//! The rules, as the format's `reportingDescriptor`s.

use flowgen_codegen::finding::Rule;
use flowgen_codegen::rules::RULES;

use super::level;
use super::log::{Configuration, Description, Driver, ReportingDescriptor};
use crate::markdown;

/// The program with all of its rules, in the order of [`RULES`], so that an index into [`RULES`] is also an
/// index into the log.
pub(super) fn driver() -> Driver {
    Driver {
        name: "flowgen",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: RULES.iter().map(|rule| descriptor(rule)).collect(),
    }
}

fn descriptor(rule: &'static Rule) -> ReportingDescriptor {
    ReportingDescriptor {
        id: rule.code,
        name: rule.name,
        short_description: plain(rule.name.replace('-', " ")),
        full_description: plain(rule.what.to_owned()),
        help: Description {
            markdown: Some(markdown::body(rule)),
            ..plain(format!("{}\n\n{}", rule.what, rule.why))
        },
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

fn plain(text: String) -> Description {
    Description { text, markdown: None }
}

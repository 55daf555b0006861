//! Findings in the Static Analysis Results Interchange Format, version 2.1.0.

mod log;
mod rule;

use std::io::{self, Write};

use flowgen_codegen::finding::{Edit, Finding, PathNode, Severity};
use flowgen_codegen::rules::RULES;
use flowgen_codegen::source::Span;

use super::Report;
use log::{
    ArtifactChange, ArtifactLocation, CodeFlow, Fix, Location, Log, Message, PhysicalLocation, Region,
    Replacement, Run, SarifResult, ThreadFlow, ThreadFlowLocation, Tool,
};

const VERSION: &str = "2.1.0";
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one log with one run for all drawings.
pub(super) fn write(reports: &[Report<'_>], out: &mut impl Write) -> io::Result<()> {
    let results = reports.iter().flat_map(|report| {
        let places = Places { report };
        report.findings.iter().map(move |finding| places.result(finding))
    });
    let run = Run {
        tool: Tool { driver: rule::driver() },
        column_kind: "unicodeCodePoints",
        results: results.collect(),
    };
    serde_json::to_writer(&mut *out, &Log { schema: SCHEMA, version: VERSION, runs: [run] })?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Converts spans of one drawing to locations.
struct Places<'a> {
    report: &'a Report<'a>,
}

impl<'a> Places<'a> {
    fn result(&self, finding: &'a Finding) -> SarifResult<'a> {
        SarifResult {
            rule_id: finding.rule.code,
            rule_index: RULES.iter().position(|rule| rule.code == finding.rule.code),
            level: level(finding.severity()),
            message: Message::new(&text(finding)),
            locations: [self.location(finding.span, None)],
            related_locations: finding
                .related
                .iter()
                .map(|related| self.location(related.span, Some(&related.text)))
                .collect(),
            code_flows: self.code_flow(finding).into_iter().collect(),
            fixes: self.fix(finding).into_iter().collect(),
        }
    }

    fn location(&self, span: Span, message: Option<&str>) -> Location {
        let physical_location =
            PhysicalLocation { artifact_location: self.artifact(span), region: self.region(span) };
        Location { physical_location, message: message.map(Message::new) }
    }

    fn artifact(&self, span: Span) -> ArtifactLocation {
        ArtifactLocation { uri: uri(self.report.files.locate(span).0.name) }
    }

    fn region(&self, span: Span) -> Region {
        let (file, span) = self.report.files.locate(span);
        let (start, end) = (file.lines.position(span.start), file.lines.position(span.end));
        Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// The paths of a finding as a code flow. The paths of two branches are two threads.
    fn code_flow(&self, finding: &Finding) -> Option<CodeFlow> {
        let stop = |stop: &PathNode| ThreadFlowLocation {
            location: self.location(stop.span, Some(&format!("{} ({})", stop.label, stop.id))),
        };
        let thread = |path: &Vec<PathNode>| ThreadFlow { locations: path.iter().map(stop).collect() };
        let paths = [&finding.path, &finding.other_path].into_iter().filter(|path| !path.is_empty());
        let thread_flows: Vec<_> = paths.map(thread).collect();
        (!thread_flows.is_empty()).then_some(CodeFlow { thread_flows })
    }

    fn fix(&self, finding: &'a Finding) -> Option<Fix<'a>> {
        let replacement = |edit: &'a Edit| Replacement {
            deleted_region: self.region(edit.span),
            inserted_content: log::Content { text: &edit.with },
        };
        let description = finding.help.as_deref().unwrap_or("apply this edit");
        let replacements: Vec<_> = finding.edits.iter().map(replacement).collect();
        (!replacements.is_empty()).then(|| Fix {
            description: Message::new(description),
            artifact_changes: [ArtifactChange {
                artifact_location: self.artifact(finding.span),
                replacements,
            }],
        })
    }
}

/// The problem, and its remedy.
fn text(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    }
}

/// A path as a URI: with a scheme if it is absolute, otherwise relative to a base that the reader chooses.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let encoded: String = path.bytes().map(encoded).collect();
    match path.as_bytes() {
        [b'/', ..] => format!("file://{encoded}"),
        [drive, b':', b'/', ..] if cfg!(windows) && drive.is_ascii_alphabetic() => {
            format!("file:///{encoded}")
        }
        _ => encoded,
    }
}

fn encoded(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;

    #[test]
    fn writes_a_path_as_a_code_flow_and_doubles_braces() {
        let input = Input { name: "a.fz".into(), text: "one\ntwo".into(), declaration: None };
        let stop = |span| PathNode { id: "n1".into(), label: "{0}".into(), span };
        let path = vec![stop(Span::new(0, 3)), stop(Span::new(4, 7))];
        let other = vec![stop(Span::new(0, 3))];
        let finding = Finding::new(RULES[0], Span::new(0, 3), "`}` it is").path(path).other_path(other);
        let report = Report::new(&input, std::slice::from_ref(&finding));
        let result = Places { report: &report }.result(&finding);
        let result = serde_json::to_value(result).unwrap();
        assert_eq!(result["message"]["text"], "`}}` it is");
        let stops = &result["codeFlows"][0]["threadFlows"][0]["locations"];
        assert_eq!(stops.as_array().unwrap().len(), 2);
        assert_eq!(stops[1]["location"]["message"]["text"], "{{0}} (n1)");
        assert_eq!(stops[1]["location"]["physicalLocation"]["region"]["startLine"], 2);
        assert_eq!(result["codeFlows"][0]["threadFlows"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("flow/saga.fz"), "flow/saga.fz");
        assert_eq!(uri("a b/é:1.fz"), "a%20b/%C3%A9%3A1.fz");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
        #[cfg(unix)]
        assert_eq!(uri("/tmp/a.fz"), "file:///tmp/a.fz");
    }
}

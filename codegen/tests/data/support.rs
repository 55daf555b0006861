use std::fmt::Write as _;

use flowgen_codegen::model::{Data, Model, NodeIx};
use flowgen_codegen::source::Sources;
use flowgen_codegen::{Analysis, analyze_sources};

/// A drawing in short. A line is a node, `rectangle n2 Pack order`, an edge, `n2 -> n3: Yes`, or a lane, `lane Shop`.
pub(crate) fn drawing(sketch: &str) -> String {
    let mut lanes: Vec<(String, String)> = Vec::new();
    let mut homes: Vec<(String, String)> = Vec::new();
    for line in sketch.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(lane) = line.strip_prefix("lane ") {
            lanes.push((lane.to_owned(), String::new()));
            continue;
        }
        if lanes.is_empty() {
            lanes.push(("Shop".to_owned(), String::new()));
        }
        let (lane, text) = lanes.last_mut().unwrap();
        if let Some((from, rest)) = line.split_once(" -> ") {
            let (to, label) = rest.split_once(": ").unwrap_or((rest, ""));
            let label = if label.is_empty() { String::new() } else { format!(" [label=\"{label}\"]") };
            let home = |id: &str| homes.iter().find(|(of, _)| of == id).map(|(_, lane)| lane.as_str());
            let prefix =
                home(to).filter(|home| home != lane).map_or(String::new(), |home| format!("{home}."));
            let _ = writeln!(text, "  {from}.handle(right) -> {prefix}{to}.handle(left){label}");
        } else {
            let (shape, rest) = line.split_once(' ').unwrap();
            let (id, label) = rest.split_once(' ').unwrap();
            homes.push((id.to_owned(), lane.clone()));
            let _ = writeln!(text, "  {id}: {shape} label:\"{label}\"");
        }
    }
    lanes.iter().fold(String::new(), |all, (lane, text)| format!("{all}{lane} {{ # {lane}\n{text}}}\n"))
}

pub(crate) fn analyzed(lines: &str, declaration: &str) -> Analysis {
    analyze_sources(&Sources::with_declaration(&drawing(lines), declaration))
}

/// The findings of the rules about data: code, underlined text and message.
pub(crate) fn found(lines: &str, declaration: &str) -> Vec<String> {
    let drawing = drawing(lines);
    let sources = Sources::with_declaration(&drawing, declaration);
    let findings = analyze_sources(&sources).findings;
    let of_data =
        findings.iter().filter(|finding| finding.rule.code.starts_with("F5") || finding.rule.code < "F1");
    of_data
        .map(|finding| {
            let text = &sources.text()[finding.span.range()];
            format!("{} {text}: {}", finding.rule.code, finding.message)
        })
        .collect()
}

pub(crate) fn data(analysis: &Analysis) -> &Data {
    analysis.model.data.as_ref().unwrap()
}

pub(crate) fn ix(model: &Model, id: &str) -> NodeIx {
    model.indices().find(|&node| model[node].id.text == id).unwrap()
}

use flowgen_codegen::model::{Model, Node, NodeIx};
use flowgen_codegen::{Analysis, analyze};

/// One lane, drawn in short: `rectangle n2 Pack order`, `n1 -> n2`, `n2 -> n3: Yes`, `loop [3x] n2`.
pub(crate) fn sketch(lines: &str) -> String {
    let mut text = String::from("Shop { # Shop\n");
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        text.push_str(&drawn(line));
        text.push('\n');
    }
    text + "}\n"
}

fn drawn(line: &str) -> String {
    if line.starts_with("loop") {
        return line.to_owned();
    }
    if let Some((from, rest)) = line.split_once(" -> ") {
        let (to, label) = rest.split_once(": ").unwrap_or((rest, ""));
        let label = if label.is_empty() { String::new() } else { format!(" [label=\"{label}\"]") };
        return format!("{from}.handle(right) -> {to}.handle(left){label}");
    }
    let (shape, rest) = line.split_once(' ').unwrap();
    let (id, label) = rest.split_once(' ').unwrap_or((rest, ""));
    format!("{id}: {shape} label:\"{label}\"")
}

pub(crate) fn model(lines: &str) -> Model {
    analyze(&sketch(lines)).model
}

/// The code of each finding, with the text of its span.
pub(crate) fn found(text: &str) -> Vec<(&'static str, String)> {
    let of = |analysis: Analysis| {
        analysis
            .findings
            .into_iter()
            .map(|finding| (finding.rule.code, text[finding.span.range()].to_owned()))
    };
    of(analyze(text)).collect()
}

pub(crate) fn codes(lines: &str) -> Vec<&'static str> {
    found(&sketch(lines)).into_iter().map(|(code, _)| code).collect()
}

pub(crate) fn ix(model: &Model, id: &str) -> NodeIx {
    model.indices().find(|&node| model[node].id.text == id).unwrap_or_else(|| panic!("no node {id}"))
}

pub(crate) fn node<'m>(model: &'m Model, id: &str) -> &'m Node {
    &model[ix(model, id)]
}

pub(crate) fn ids(model: &Model, nodes: impl IntoIterator<Item = NodeIx>) -> Vec<&str> {
    nodes.into_iter().map(|node| model[node].id.text.as_str()).collect()
}

/// The ids that a node's arrows of control lead to.
pub(crate) fn next<'m>(model: &'m Model, id: &str) -> Vec<&'m str> {
    ids(model, node(model, id).next.iter().map(|arrow| arrow.to))
}

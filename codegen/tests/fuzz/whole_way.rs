//! The whole way of some bytes, and what holds on it whatever they are.
//!
//! The target of `fuzz/` is this file, too.

#[path = "../../../tests/shared/edges.rs"]
mod edges;

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::fix::{FixOutcome, fix};
use flowgen_codegen::model::{Model, meaning_hash};
use flowgen_codegen::source::Lines;
use flowgen_codegen::syntax::print;
use flowgen_codegen::{Analysis, Settings, analyze, expand, render};
use proc_macro2::Span;

/// Goes the whole way, and panics where something does not hold that always should.
pub(crate) fn go(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let analysis = analyze(&text);
    findings_have_places(&text, &analysis.findings);
    printing_changes_nothing(&analysis);
    code_is_rust(&text);
    if let Err(lost) = edges::check(&analysis) {
        panic!("{lost}\n{text}");
    }
    fixing_ends(&text, &analysis);
}

fn findings_have_places(text: &str, findings: &[Finding]) {
    let lines = Lines::new(text);
    for finding in findings {
        let places = [finding.span].into_iter();
        let related = finding.related.iter().map(|related| related.span);
        let stops = finding.path.iter().map(|stop| stop.span);
        let edits = finding.edits.iter().map(|edit| edit.span);
        for span in places.chain(related).chain(stops).chain(edits) {
            assert!(text.get(span.range()).is_some(), "{} at {span:?}", finding.rule.code);
        }
        assert!(!finding.message.contains(['\n', '\r']), "{:?}", finding.message);
    }
    for finding in findings.iter().take(3) {
        let report = render::located(finding, "drawing.fz", &lines);
        assert!(report.contains("--> drawing.fz:"), "{report}");
    }
}

/// What is printed is read as it was, and means the same.
fn printing_changes_nothing(analysis: &Analysis) {
    let printed = print(&analysis.drawing);
    let again = analyze(&printed);
    assert_eq!(print(&again.drawing), printed);
    assert_eq!(meaning_hash(&again.model), meaning_hash(&analysis.model), "printed:\n{printed}");
}

/// What is emitted is Rust, also beside errors, and always the same.
fn code_is_rust(text: &str) {
    let settings = Settings::default();
    let items = || expand(text, &settings, &|_| Span::call_site()).items;
    let once = items();
    assert_eq!(once.to_string(), items().to_string());
    syn::parse2::<syn::File>(once).expect("what is emitted is Rust");
}

/// Fixing ends, leaves only fixes of syntax errors, and changes no more of the meaning than the findings say.
fn fixing_ends(text: &str, analysis: &Analysis) {
    let all = fixed(text, |_| true);
    let left: Vec<_> = all.remaining.iter().filter(|finding| !finding.edits.is_empty()).collect();
    let unread = |finding: &&Finding| finding.rule.code < "F1" && finding.severity() == Severity::Error;
    assert!(left.iter().all(unread), "{left:#?}\n{}", all.text);
    if all.applied == 0 {
        return;
    }
    let notation = fixed(text, |code| matches!(code, "F006" | "F104" | "F105")).text;
    let model = analyze(&notation).model;
    assert_eq!(meaning_hash(&model), meaning_hash(&analysis.model), "fixed:\n{notation}");
    let numbers = fixed(text, |code| code == "F106").text;
    let model = analyze(&numbers).model;
    assert_eq!(hash_without_ids(model), hash_without_ids(analysis.model.clone()), "fixed:\n{numbers}");
}

fn fixed(text: &str, chosen: impl Fn(&str) -> bool) -> FixOutcome {
    fix(text, |text| {
        let mut findings = analyze(text).findings;
        findings.retain(|finding| chosen(finding.rule.code));
        findings
    })
}

/// The meaning of a drawing with indexes for ids. Without a label, the label is the id, too.
fn hash_without_ids(mut model: Model) -> u64 {
    for (index, node) in model.nodes.iter_mut().enumerate() {
        if node.label.text == node.id.text {
            node.label.text.clear();
        }
        node.id.text = index.to_string();
    }
    meaning_hash(&model)
}

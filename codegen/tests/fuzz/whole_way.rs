//! The whole way of some bytes, and what holds on it whatever they are.
//!
//! The target of `fuzz/` is this file, too.

#[path = "../../../tests/shared/edges.rs"]
mod edges;

use flowgen_codegen::finding::{Finding, Severity};
use flowgen_codegen::fix::{FixOutcome, fix};
use flowgen_codegen::model::{Model, meaning_hash};
use flowgen_codegen::source::{SourceFiles, Sources};
use flowgen_codegen::syntax::print;
use flowgen_codegen::{Analysis, Settings, analyze, analyze_sources, expand, render};
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
    declaration_is_read(&text);
}

/// The same text as a declaration beside a drawing: its types and imports are Rust, and findings have spans.
fn declaration_is_read(text: &str) {
    let sources = Sources::with_declaration(DRAWING, text);
    let analysis = analyze_sources(&sources);
    findings_have_places(sources.text(), &analysis.findings);
    let data = analysis.model.data.as_ref().expect("there is a declaration");
    for import in &data.uses {
        let words: Vec<_> = import.words.iter().map(|word| word.text.as_str()).collect();
        syn::parse_str::<syn::ItemUse>(&format!("use {};", words.join(" "))).expect("an import is Rust");
    }
    for name in &data.names {
        syn::parse_str::<syn::Type>(&name.type_text.text()).expect("a type is Rust");
        syn::parse_str::<syn::Ident>(&name.name.text).expect("a name is an identifier");
    }
}

/// Has nodes that declarations of the corpus are about.
const DRAWING: &str = r#"Shop { # Shop
  n1: circle label:"Ordered"
  n2: rectangle label:"Pack order"
  n3: diamond label:"In stock?"
  n4: circle label:"Packed"
  n5: circle label:"Sold out"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(bottom) -> n5.handle(top) [label="No"]
}
"#;

fn findings_have_places(text: &str, findings: &[Finding]) {
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
        let report = render::located(finding, &SourceFiles::new("drawing.fz", text));
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

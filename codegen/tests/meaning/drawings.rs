//! Drawings as files. Those in `err` list their findings in comments at the top: the line, the code, and the text of
//! the span. Those in `ok` have only notes, and the findings that are listed here.

use std::path::PathBuf;

use flowgen_codegen::analyze;
use flowgen_codegen::finding::Severity;
use flowgen_codegen::source::Lines;

fn drawings(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = format!("{}/tests/drawings/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Warnings that are right: the file and the code.
const WARNED: [(&str, &str); 1] = [("order_saga.fz", "F407")];

#[test]
fn good_drawings_have_nothing_worse_than_notes() {
    for (path, text) in drawings("ok") {
        let worse: Vec<_> = analyze(&text)
            .findings
            .into_iter()
            .filter(|finding| finding.severity() > Severity::Note)
            .filter(|finding| {
                !WARNED.iter().any(|&(file, code)| path.ends_with(file) && finding.rule.code == code)
            })
            .collect();
        assert!(worse.is_empty(), "{}: {worse:#?}", path.display());
    }
}

#[test]
fn bad_drawings_have_the_findings_that_they_say() {
    for (path, text) in drawings("err") {
        let lines = Lines::new(&text);
        let found: Vec<_> = analyze(&text)
            .findings
            .iter()
            .map(|finding| {
                let line = lines.position(finding.span.start).line;
                format!("// {line}: {} {}", finding.rule.code, &text[finding.span.range()])
            })
            .collect();
        let said: Vec<_> = text.lines().take_while(|line| line.starts_with("//")).collect();
        assert_eq!(found, said, "{}", path.display());
    }
}

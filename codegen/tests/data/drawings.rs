//! Drawings with declarations as files. The findings of a declaration are in comments at its top: the line, the code,
//! and the text of the span.

use flowgen_codegen::analyze_sources;
use flowgen_codegen::source::{SourceFiles, Sources};

#[test]
fn declarations_have_the_findings_that_they_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/drawings/data");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "data"));
    paths.sort();
    assert!(paths.len() >= 4, "{paths:?}");
    for path in paths {
        let declaration = std::fs::read_to_string(&path).unwrap();
        let drawing = std::fs::read_to_string(path.with_extension("fz")).unwrap();
        let sources = Sources::with_declaration(&drawing, &declaration);
        let files = SourceFiles::new("drawing", &drawing).with_declaration("data", &declaration);
        let findings = analyze_sources(&sources).findings;
        let in_declaration = findings.iter().filter_map(|finding| {
            let (file, span) = files.locate(finding.span);
            let line = file.lines.position(span.start).line;
            let text = &file.text[span.range()];
            (file.name == "data").then(|| format!("// {line}: {} {text}", finding.rule.code))
        });
        let said: Vec<_> = declaration.lines().take_while(|line| line.starts_with("//")).collect();
        assert_eq!(in_declaration.collect::<Vec<_>>(), said, "{}: {findings:#?}", path.display());
    }
}

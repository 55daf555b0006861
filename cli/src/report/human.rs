//! Findings for people, in the style of rustc.

use std::io::{self, Write};

use annotate_snippets::renderer::DEFAULT_EMPHASIS_STYLE;
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Message, Origin, Patch, Renderer, Snippet,
    normalize_untrusted_str,
};
use flowgen_codegen::finding::{Edit, Finding, PathNode, Severity};
use flowgen_codegen::source::SourceFile;

use super::Report;
use super::counts::Counts;
use super::windows::{Place, Window, windows};

/// The number of nodes shown at each end of a long path.
const PATH_ENDS: usize = 6;

pub(super) fn write(reports: &[Report<'_>], out: &mut impl Write) -> io::Result<()> {
    let renderer = Renderer::styled();
    let style = DEFAULT_EMPHASIS_STYLE;
    for report in reports {
        for finding in report.findings {
            writeln!(out, "{}\n", renderer.render(&groups(report, finding)))?;
        }
        let counts = Counts::of(report.findings);
        writeln!(out, "{style}{}: {counts}{style:#}", normalize_untrusted_str(report.files.drawing().name))?;
    }
    Ok(())
}

fn groups<'a>(report: &Report<'a>, finding: &'a Finding) -> Vec<Group<'a>> {
    let mut what = level(finding.severity())
        .primary_title(finding.message.as_str())
        .id(finding.rule.code)
        .elements(places(report, finding));
    for (name, stops) in [("path", &finding.path), ("path of another branch", &finding.other_path)] {
        if !stops.is_empty() {
            what = what.element(path(name, stops));
        }
    }
    match (&finding.help, finding.edits.as_slice()) {
        (help, [edit]) => vec![what, patch(report, help.as_deref(), edit)],
        // Several edits are shown best as a diff.
        (Some(help), _) => vec![what.element(Level::HELP.message(normalize_untrusted_str(help)))],
        (None, _) => vec![what],
    }
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// The locations of the finding and of the related spans.
fn places<'a>(report: &Report<'a>, finding: &'a Finding) -> Vec<Element<'a>> {
    let mut by_file: Vec<(&SourceFile<'a>, Vec<Place<'a>>)> = Vec::new();
    let related = finding.related.iter().map(|related| (related.span, Some(related.text.as_str())));
    for (span, label) in std::iter::once((finding.span, None)).chain(related) {
        let (file, span) = report.files.locate(span);
        let place = Place { span, label, primary: label.is_none() };
        match by_file.iter_mut().find(|(other, _)| std::ptr::eq(*other, file)) {
            Some((_, places)) => places.push(place),
            None => by_file.push((file, vec![place])),
        }
    }
    by_file.iter().flat_map(|(file, places)| places_in(file, places)).collect()
}

fn places_in<'a>(file: &SourceFile<'a>, places: &[Place<'a>]) -> Vec<Element<'a>> {
    windows(file.text, &file.lines, places)
        .iter()
        .flat_map(|window| {
            // If the window starts inside a line, a column relative to the window would be wrong.
            let origin = window.cut.then(|| origin(file, window).into());
            let path = (!window.cut).then_some(file.name);
            origin.into_iter().chain([snippet(window).path(path).into()])
        })
        .collect()
}

fn origin<'a>(file: &SourceFile<'a>, window: &Window<'a>) -> Origin<'a> {
    let first = window.places.iter().find(|place| place.primary).or(window.places.first());
    let at = file.lines.position(first.map_or(0, |place| place.span.start));
    Origin::path(file.name).line(at.line).char_column(at.column)
}

fn snippet<'a>(window: &Window<'a>) -> Snippet<'a, Annotation<'a>> {
    let annotations = window.places.iter().map(|place| {
        let kind = if place.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(window.range(place.span)).label(place.label)
    });
    Snippet::source(window.source).line_start(window.line).annotations(annotations)
}

fn patch<'a>(report: &Report<'a>, help: Option<&str>, edit: &'a Edit) -> Group<'a> {
    let (file, span) = report.files.locate(edit.span);
    let place = Place { span, label: None, primary: true };
    let title = Level::HELP.secondary_title(normalize_untrusted_str(help.unwrap_or("apply this edit")));
    let patches = windows(file.text, &file.lines, &[place]);
    title.elements(patches.iter().map(|window| {
        let patch = Patch::new(window.range(span), edit.with.as_str());
        Snippet::source(window.source).line_start(window.line).patch(patch)
    }))
}

/// Formats a path, one node per line.
fn path(name: &'static str, stops: &[PathNode]) -> Message<'static> {
    let shown = |stop: &PathNode| format!("{} ({})", normalize_untrusted_str(&stop.label), stop.id);
    let mut lines: Vec<String> = Vec::new();
    if stops.len() <= 2 * PATH_ENDS + 1 {
        lines.extend(stops.iter().map(shown));
    } else {
        lines.extend(stops[..PATH_ENDS].iter().map(shown));
        lines.push(format!("… {} more …", stops.len() - 2 * PATH_ENDS));
        lines.extend(stops[stops.len() - PATH_ENDS..].iter().map(shown));
    }
    Level::NOTE.with_name(name).message(lines.join("\n→ "))
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;
    use flowgen_codegen::finding::Rule;
    use flowgen_codegen::source::Span;

    use super::*;
    use crate::input::Input;

    static RULE: Rule = Rule {
        code: "F999",
        name: "test",
        severity: Severity::Error,
        what: "",
        why: "",
        wrong: "",
        right: "",
    };

    fn rendered(text: &str, finding: Finding) -> String {
        let input = Input { name: "a.fz".into(), text: text.into(), declaration: None };
        let mut out = Vec::new();
        write(&[Report::new(&input, &[finding])], &mut out).unwrap();
        strip_str(std::str::from_utf8(&out).unwrap()).to_string()
    }

    fn stop(at: usize) -> PathNode {
        PathNode { id: format!("n{at}"), label: format!("Step {at}"), span: Span::default() }
    }

    #[test]
    fn shows_related_spans_path_and_help() {
        let text = format!("one\ntwo\n{}three\n", "\n".repeat(1000));
        let finding = Finding::new(&RULE, Span::new(4, 7), "duplicate")
            .related(Span::new(0, 3), "here first")
            .related(Span::new(1008, 1013), "and far away")
            .path(vec![stop(1), stop(2)])
            .help("leave one out");
        assert_eq!(
            rendered(&text, finding),
            "\
error[F999]: duplicate
    --> a.fz:2:1
     |
   1 | one
     | --- here first
   2 | two
     | ^^^
     |
    ::: a.fz:1003:1
     |
1003 | three
     | ----- and far away
     |
     = path: Step 1 (n1)
             → Step 2 (n2)
     = help: leave one out

a.fz: 1 error
"
        );
    }

    #[test]
    fn shows_path_of_another_branch_after_the_first_path() {
        let finding = Finding::new(&RULE, Span::new(0, 1), "shared")
            .path(vec![stop(1), stop(3)])
            .other_path(vec![stop(2), stop(3)]);
        let text = rendered("x", finding);
        assert!(text.contains("= path: Step 1 (n1)\n"), "{text}");
        assert!(text.contains("= path of another branch: Step 2 (n2)\n"), "{text}");
    }

    #[test]
    fn shortens_a_long_path_in_the_middle() {
        let finding = Finding::new(&RULE, Span::new(0, 1), "too far").path((1..=1000).map(stop).collect());
        let text = rendered("x", finding);
        assert!(text.contains("→ Step 6 (n6)\n"), "{text}");
        assert!(text.contains("→ … 988 more …\n"), "{text}");
        assert!(text.contains("→ Step 995 (n995)\n"), "{text}");
    }
}

//! Applies the fixes of findings, and changes no other byte.

use std::collections::BTreeMap;

use crate::finding::{Edit, Finding, Severity};

/// A fixed drawing.
#[derive(Debug)]
pub struct FixOutcome {
    /// The text.
    pub text: String,
    /// How many findings were fixed.
    pub applied: usize,
    /// The findings of `text`.
    pub remaining: Vec<Finding>,
}

/// Applies the fixes of all findings that `check` returns, in rounds: one fix can reveal the next finding.
///
/// **Invariant:** each round leaves fewer fixes to apply. A round that would not is left out, so this ends,
/// and fixing a fixed drawing changes nothing.
///
/// ```
/// use flowgen_codegen::analyze;
/// use flowgen_codegen::fix::fix;
///
/// let drawing = "Shop {\n n1: circle label=\"Start\"\n n3: circle label:\"End\"\n n1.handle(right) -> n3.handle(left)\n}";
/// let fixed = fix(drawing, |text| analyze(text).findings);
/// assert_eq!(fixed.text, drawing.replace("label=", "label:").replace("n3", "n2"));
/// assert_eq!((fixed.applied, fixed.remaining.len()), (2, 0));
/// ```
#[must_use]
pub fn fix(text: &str, check: impl Fn(&str) -> Vec<Finding>) -> FixOutcome {
    let mut fixed = FixOutcome { text: text.to_owned(), applied: 0, remaining: check(text) };
    while let Some(next) = round(&fixed, &check) {
        fixed = next;
    }
    fixed
}

/// Applies all fixes. If those of the first passes only reveal as many new errors, applies those of later
/// passes.
fn round(before: &FixOutcome, check: impl Fn(&str) -> Vec<Finding>) -> Option<FixOutcome> {
    [Pass::Reading, Pass::Naming, Pass::Completing]
        .into_iter()
        .find_map(|first| round_from(first, before, &check))
}

fn round_from(first: Pass, before: &FixOutcome, check: impl Fn(&str) -> Vec<Finding>) -> Option<FixOutcome> {
    let edits = DisjointEdits::new(before.remaining.iter().filter(|finding| Pass::new(finding) >= first));
    if edits.findings == 0 {
        return None;
    }
    let text = edits.apply(&before.text);
    let remaining = check(&text);
    (Remaining::new(&remaining) < Remaining::new(&before.remaining)).then(|| FixOutcome {
        text,
        applied: before.applied + edits.findings,
        remaining,
    })
}

/// A fix may reveal findings of its own pass and of later ones, never of earlier ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    /// Text can't be read, so the text after it may mean something else.
    Reading,
    /// Names and notation.
    Naming,
    /// Missing parts.
    Completing,
}

impl Pass {
    fn new(finding: &Finding) -> Self {
        match (&finding.rule.code[..2], finding.rule.severity) {
            ("F0", Severity::Error) => Self::Reading,
            ("F0" | "F1", _) => Self::Naming,
            _ => Self::Completing,
        }
    }
}

/// How many findings of each pass have a fix.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Remaining([usize; 3]);

impl Remaining {
    fn new(findings: &[Finding]) -> Self {
        let mut remaining = Self::default();
        for finding in findings.iter().filter(|finding| !finding.edits.is_empty()) {
            remaining.0[Pass::new(finding) as usize] += 1;
        }
        remaining
    }
}

/// Edits that can be applied at once: all those of a finding, or none.
#[derive(Default)]
struct DisjointEdits<'f> {
    /// By start.
    edits: BTreeMap<usize, &'f Edit>,
    /// How many findings they fix.
    findings: usize,
}

impl<'f> DisjointEdits<'f> {
    /// The edits of each finding that overlap no edit of a finding before.
    fn new(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut disjoint = Self::default();
        for finding in findings.into_iter().filter(|finding| !finding.edits.is_empty()) {
            if finding.edits.iter().all(|edit| disjoint.is_free(edit)) {
                disjoint.edits.extend(finding.edits.iter().map(|edit| (edit.span.start, edit)));
                disjoint.findings += 1;
            }
        }
        disjoint
    }

    fn is_free(&self, edit: &Edit) -> bool {
        let before = self.edits.range(..next_start(edit)).next_back();
        before.is_none_or(|(_, before)| next_start(before) <= edit.span.start)
    }

    /// The edited text.
    fn apply(&self, text: &str) -> String {
        let mut edited = String::with_capacity(text.len() + self.edits.len());
        let mut copied = 0;
        for edit in self.edits.values() {
            edited.push_str(&text[copied..edit.span.start]);
            edited.push_str(&edit.with.replace('\n', &line_break(text, edit.span.start)));
            copied = edit.span.end;
        }
        edited.push_str(&text[copied..]);
        edited
    }
}

/// What a line break in an edit becomes: the line end that the text uses, and the indentation of the line.
fn line_break(text: &str, at: usize) -> String {
    let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let indent: String = text[begin..at].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let end =
        if text[..begin].ends_with("\r\n") || begin == 0 && text.contains("\r\n") { "\r\n" } else { "\n" };
    format!("{end}{indent}")
}

/// The earliest start of the next edit. Insertions are kept at least one byte apart, so that no two share an
/// offset.
fn next_start(edit: &Edit) -> usize {
    edit.span.end + usize::from(edit.span.start == edit.span.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyze;
    use crate::rules::RULES;
    use crate::source::Span;

    const SAGA: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/drawings/ok/order_saga.fz"));

    fn fixed(text: &str) -> FixOutcome {
        fix(text, |text| analyze(text).findings)
    }

    /// Pieces of the saga that can be damaged so that it is clear what they were: the offset, the piece, and
    /// the damage.
    fn damages() -> Vec<(usize, &'static str, &'static str)> {
        let every = |good: &'static str, bad: &'static str| {
            SAGA.match_indices(good).map(move |(at, _)| (at, good, bad))
        };
        let lanes = ["Orchestrator.", "OrderService.", "PaymentService.", "ShippingService."];
        let prefixes = lanes.into_iter().flat_map(|lane| every(lane, ""));
        let wrong = |(at, lane, _)| (at, lane, if at % 2 == 0 { "" } else { "Nowhere." });
        let mut damages: Vec<_> = prefixes
            .map(wrong)
            .chain(every(" label:", " label="))
            .chain(every("[label=", "[label:"))
            .collect();
        damages.sort_unstable();
        damages
    }

    /// The saga with some damages, and their number.
    fn damaged(chosen: &[bool]) -> (String, usize) {
        let mut text = SAGA.to_owned();
        let damages = damages();
        let chosen: Vec<_> = damages.iter().zip(chosen).filter(|(_, chosen)| **chosen).collect();
        for ((at, was, becomes), _) in chosen.iter().rev() {
            text.replace_range(*at..*at + was.len(), becomes);
        }
        (text, chosen.len())
    }

    proptest! {
        #[test]
        fn damages_are_fixed(chosen in prop::collection::vec(any::<bool>(), 100)) {
            let (text, count) = damaged(&chosen);
            let fixed = fixed(&text);
            prop_assert_eq!(fixed.text, SAGA);
            prop_assert_eq!(fixed.applied, count);
            prop_assert_eq!(fixed.remaining.len(), analyze(SAGA).findings.len());
        }

        #[test]
        fn fixing_is_idempotent(
            chosen in prop::collection::vec(any::<bool>(), 100),
            cuts in prop::collection::vec((any::<prop::sample::Index>(), 1..12_usize), 0..5),
        ) {
            let mut text = damaged(&chosen).0;
            for (at, length) in cuts {
                let at = at.index(text.len());
                let end = (at + length).min(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(end) {
                    text.replace_range(at..end, "");
                }
            }
            let once = fixed(&text);
            let twice = fixed(&once.text);
            prop_assert_eq!(twice.applied, 0);
            prop_assert_eq!(twice.text, once.text);
        }
    }

    proptest! {
        /// The labels of its three decisions are yes and no, so one determines the other.
        #[test]
        fn gaps_are_closed_and_labels_put_back(
            chosen in prop::collection::vec(any::<bool>(), 100),
            unlabeled in prop::array::uniform3(prop::sample::select(vec!["Yes", "No", "neither"])),
            gaps in prop::array::uniform20(0..4_usize),
        ) {
            let text = unlabel(&damaged(&chosen).0, unlabeled);
            let fixed = fixed(&renumber(&text, gaps));
            prop_assert_eq!(fixed.text, SAGA);
            prop_assert_eq!(fixed.remaining.len(), analyze(SAGA).findings.len());
        }
    }

    /// Removes the label of one outcome, or none, from each decision.
    fn unlabel(text: &str, unlabeled: [&str; 3]) -> String {
        let mut decision = 0;
        let mut lines = Vec::new();
        for line in text.lines() {
            let (arrow, label) = line.split_once(" [").unwrap_or((line, ""));
            let is_wanted = label.contains(&format!("\"{}\"", unlabeled[decision.min(2)]));
            lines.push(if is_wanted { arrow } else { line });
            // The outcome `No` is drawn last.
            decision += usize::from(label.contains("\"No\""));
        }
        lines.join("\n") + "\n"
    }

    /// Adds gaps before the numbers of the twenty nodes.
    fn renumber(text: &str, gaps: [usize; 20]) -> String {
        let mut text = text.to_owned();
        for (number, gap) in gaps.into_iter().enumerate().skip(1).rev() {
            let gap: usize = gaps[1..number].iter().sum::<usize>() + gap;
            let (old, new) = (format!("n{}", number + 1), format!("n{}", number + 1 + gap));
            for sign in [":", "."] {
                text = text.replace(&format!("{old}{sign}"), &format!("{new}{sign}"));
            }
        }
        text
    }

    #[test]
    fn the_saga_can_be_damaged_in_many_ways() {
        assert!((40..=100).contains(&damages().len()), "{}", damages().len());
    }

    #[test]
    fn fixed_findings_do_not_remain() {
        for rule in RULES {
            let before = analyze(rule.wrong).findings;
            let fixed = fixed(rule.wrong);
            assert!(fixed.remaining.iter().all(|finding| finding.edits.is_empty()), "{}", rule.code);
            assert_eq!(
                fixed.applied > 0,
                before.iter().any(|finding| !finding.edits.is_empty()),
                "{}",
                rule.code
            );
        }
    }

    #[test]
    fn a_fixed_error_may_reveal_a_warning() {
        let text = SAGA.replacen(" -> OrderService.", " => ", 1);
        assert_ne!(text, SAGA);
        assert_eq!(fixed(&text).text, SAGA);
    }

    fn finding(edits: &[(usize, usize)]) -> Finding {
        let finding = Finding::new(RULES[0], Span::default(), "");
        edits.iter().fold(finding, |finding, &(start, end)| finding.edit(Span::new(start, end), "x"))
    }

    #[test]
    fn overlapping_edits_are_not_applied_at_once() {
        let findings = [[(4, 4)], [(0, 2)], [(4, 4)], [(1, 3)], [(2, 3)]].map(|edits| finding(&edits));
        let edits = DisjointEdits::new(&findings);
        assert_eq!((edits.findings, edits.apply("abcdef").as_str()), (3, "xxdxef"));
    }

    #[test]
    fn a_fix_of_several_edits_is_applied_as_a_whole() {
        let findings = [&[(0, 1)][..], &[(0, 1), (3, 4)], &[(3, 4)]].map(finding);
        let edits = DisjointEdits::new(&findings);
        assert_eq!((edits.findings, edits.apply("abcdef").as_str()), (2, "xbcxef"));
    }
}

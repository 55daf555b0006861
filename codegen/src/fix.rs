//! Mends what can be mended mechanically, and changes no other byte.

use std::collections::BTreeMap;

use crate::finding::{Edit, Finding, Severity};

/// A drawing after its mending.
#[derive(Debug)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// How many findings were mended.
    pub mended: usize,
    /// What is found in `text`.
    pub left: Vec<Finding>,
}

/// Makes the edits of all that `check` finds, in rounds: one edit can bring to light what another one
/// mends.
///
/// **Invariant:** with each round, what can still be mended becomes less. A round that would not do
/// that is not made, so this ends, and mending what was mended changes nothing.
///
/// ```
/// use flowgen_codegen::analyse;
/// use flowgen_codegen::fix::fix;
///
/// let drawing = "Shop {\n n1: circle label=\"Start\"\n n3: circle label:\"End\"\n n1.handle(right) -> n3.handle(left)\n}";
/// let fixed = fix(drawing, |text| analyse(text).findings);
/// assert_eq!(fixed.text, drawing.replace("label=", "label:").replace("n3", "n2"));
/// assert_eq!((fixed.mended, fixed.left.len()), (2, 0));
/// ```
#[must_use]
pub fn fix(text: &str, check: impl Fn(&str) -> Vec<Finding>) -> Fixed {
    let mut fixed = Fixed { text: text.to_owned(), mended: 0, left: check(text) };
    while let Some(next) = round(&fixed, &check) {
        fixed = next;
    }
    fixed
}

/// Makes all edits, or else, where mending text that can't be read only moves the trouble on, those
/// of what could be read.
fn round(before: &Fixed, check: impl Fn(&str) -> Vec<Finding>) -> Option<Fixed> {
    [Stage::Reading, Stage::Naming, Stage::Completing]
        .into_iter()
        .find_map(|first| round_from(first, before, &check))
}

fn round_from(first: Stage, before: &Fixed, check: impl Fn(&str) -> Vec<Finding>) -> Option<Fixed> {
    let apart = Apart::of(before.left.iter().filter(|finding| Stage::of(finding) >= first));
    if apart.findings == 0 {
        return None;
    }
    let text = apart.made(&before.text);
    let left = check(&text);
    (Open::of(&left) < Open::of(&before.left)).then(|| Fixed {
        text,
        mended: before.mended + apart.findings,
        left,
    })
}

/// What is mended in one stage may bring to light what is mended in that and in later ones, never
/// in earlier ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Text can't be read, so whatever comes behind it may mean something else.
    Reading,
    /// How something is called or written.
    Naming,
    /// Something is missing.
    Completing,
}

impl Stage {
    fn of(finding: &Finding) -> Self {
        match (&finding.rule.code[..2], finding.rule.severity) {
            ("F0", Severity::Error) => Self::Reading,
            ("F0" | "F1", _) => Self::Naming,
            _ => Self::Completing,
        }
    }
}

/// How many findings of each stage can be mended.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Open([usize; 3]);

impl Open {
    fn of(findings: &[Finding]) -> Self {
        let mut open = Self::default();
        for finding in findings.iter().filter(|finding| !finding.edits.is_empty()) {
            open.0[Stage::of(finding) as usize] += 1;
        }
        open
    }
}

/// Edits that can be made at once: all those of a finding, or none.
#[derive(Default)]
struct Apart<'f> {
    /// By where they start.
    edits: BTreeMap<usize, &'f Edit>,
    /// How many findings they mend.
    findings: usize,
}

impl<'f> Apart<'f> {
    /// The edits of as many findings as possible, the first first.
    fn of(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut apart = Self::default();
        for finding in findings.into_iter().filter(|finding| !finding.edits.is_empty()) {
            if finding.edits.iter().all(|edit| apart.is_free(edit)) {
                apart.edits.extend(finding.edits.iter().map(|edit| (edit.span.start, edit)));
                apart.findings += 1;
            }
        }
        apart
    }

    fn is_free(&self, edit: &Edit) -> bool {
        let before = self.edits.range(..behind(edit)).next_back();
        before.is_none_or(|(_, before)| behind(before) <= edit.span.start)
    }

    /// The text with these edits made.
    fn made(&self, text: &str) -> String {
        let mut made = String::with_capacity(text.len() + self.edits.len());
        let mut copied = 0;
        for edit in self.edits.values() {
            made.push_str(&text[copied..edit.span.start]);
            made.push_str(&edit.with.replace('\n', &line_break(text, edit.span.start)));
            copied = edit.span.end;
        }
        made.push_str(&text[copied..]);
        made
    }
}

/// A line end as the text has it, and the indentation of the line at this place: what a line break in an edit becomes.
fn line_break(text: &str, at: usize) -> String {
    let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let indent: String = text[begin..at].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let end =
        if text[..begin].ends_with("\r\n") || begin == 0 && text.contains("\r\n") { "\r\n" } else { "\n" };
    format!("{end}{indent}")
}

/// Where the next edit may start: behind this one comes at least one byte of the text, lest two
/// insert in one place.
fn behind(edit: &Edit) -> usize {
    edit.span.end + usize::from(edit.span.start == edit.span.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyse;
    use crate::rules::RULES;
    use crate::source::Span;

    const SAGA: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/drawings/ok/order_saga.fz"));

    fn mended(text: &str) -> Fixed {
        fix(text, |text| analyse(text).findings)
    }

    /// Pieces of the saga that can be damaged so that everybody knows what they were: where, what
    /// stands there, and the damage.
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

    /// The saga with some damages, and how many.
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
        fn what_was_damaged_is_as_it_was(chosen in prop::collection::vec(any::<bool>(), 100)) {
            let (text, count) = damaged(&chosen);
            let fixed = mended(&text);
            prop_assert_eq!(fixed.text, SAGA);
            prop_assert_eq!(fixed.mended, count);
            prop_assert_eq!(fixed.left.len(), analyse(SAGA).findings.len());
        }

        #[test]
        fn mending_twice_is_mending_once(
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
            let once = mended(&text);
            let twice = mended(&once.text);
            prop_assert_eq!(twice.mended, 0);
            prop_assert_eq!(twice.text, once.text);
        }
    }

    proptest! {
        /// Its three decisions say yes and no, so one label tells the other.
        #[test]
        fn gaps_are_closed_and_labels_put_back(
            chosen in prop::collection::vec(any::<bool>(), 100),
            unlabelled in prop::array::uniform3(prop::sample::select(vec!["Yes", "No", "neither"])),
            gaps in prop::array::uniform20(0..4_usize),
        ) {
            let text = unlabel(&damaged(&chosen).0, unlabelled);
            let fixed = mended(&renumber(&text, gaps));
            prop_assert_eq!(fixed.text, SAGA);
            prop_assert_eq!(fixed.left.len(), analyse(SAGA).findings.len());
        }
    }

    /// Takes from each decision the label of one outcome, or none.
    fn unlabel(text: &str, unlabelled: [&str; 3]) -> String {
        let mut decision = 0;
        let mut lines = Vec::new();
        for line in text.lines() {
            let (arrow, label) = line.split_once(" [").unwrap_or((line, ""));
            let is_wanted = label.contains(&format!("\"{}\"", unlabelled[decision.min(2)]));
            lines.push(if is_wanted { arrow } else { line });
            // The outcome `No` is drawn last.
            decision += usize::from(label.contains("\"No\""));
        }
        lines.join("\n") + "\n"
    }

    /// Leaves out numbers before each of the twenty nodes.
    fn renumber(text: &str, gaps: [usize; 20]) -> String {
        let mut text = text.to_owned();
        for (number, gap) in gaps.into_iter().enumerate().skip(1).rev() {
            let gap: usize = gaps[1..number].iter().sum::<usize>() + gap;
            let (old, new) = (format!("n{}", number + 1), format!("n{}", number + 1 + gap));
            for behind in [":", "."] {
                text = text.replace(&format!("{old}{behind}"), &format!("{new}{behind}"));
            }
        }
        text
    }

    #[test]
    fn the_saga_can_be_damaged_in_many_ways() {
        assert!((40..=100).contains(&damages().len()), "{}", damages().len());
    }

    #[test]
    fn nothing_that_was_mended_is_left() {
        for rule in RULES {
            let before = analyse(rule.wrong).findings;
            let fixed = mended(rule.wrong);
            assert!(fixed.left.iter().all(|finding| finding.edits.is_empty()), "{}", rule.code);
            assert_eq!(
                fixed.mended > 0,
                before.iter().any(|finding| !finding.edits.is_empty()),
                "{}",
                rule.code
            );
        }
    }

    #[test]
    fn a_mended_error_may_bring_a_warning_to_light() {
        let text = SAGA.replacen(" -> OrderService.", " => ", 1);
        assert_ne!(text, SAGA);
        assert_eq!(mended(&text).text, SAGA);
    }

    fn finding(edits: &[(usize, usize)]) -> Finding {
        let finding = Finding::new(RULES[0], Span::default(), "");
        edits.iter().fold(finding, |finding, &(start, end)| finding.edit(Span::new(start, end), "x"))
    }

    #[test]
    fn edits_that_touch_are_not_made_at_once() {
        let findings = [[(4, 4)], [(0, 2)], [(4, 4)], [(1, 3)], [(2, 3)]].map(|edits| finding(&edits));
        let apart = Apart::of(&findings);
        assert_eq!((apart.findings, apart.made("abcdef").as_str()), (3, "xxdxef"));
    }

    #[test]
    fn a_mending_in_several_places_is_made_as_a_whole() {
        let findings = [&[(0, 1)][..], &[(0, 1), (3, 4)], &[(3, 4)]].map(finding);
        let apart = Apart::of(&findings);
        assert_eq!((apart.findings, apart.made("abcdef").as_str()), (2, "xbcxef"));
    }
}

//! Mends what can be mended mechanically, and changes no other byte.

use flowgen_codegen::finding::{Edit, Finding, Severity};

/// A drawing after its mending.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) text: String,
    /// How many edits were made.
    pub(crate) edits: usize,
    /// What is found in `text`.
    pub(crate) left: Vec<Finding>,
}

/// Makes the edits of all findings, in rounds: one edit can bring to light what another one mends.
///
/// **Invariant:** with each round, what can still be mended becomes less (see [`Open`]). A round that
/// would not do that is not made, so this ends, and mending what was mended changes nothing.
pub(crate) fn fix(text: &str, check: impl Fn(&str) -> Vec<Finding>) -> Fixed {
    let mut fixed = Fixed { text: text.to_owned(), edits: 0, left: check(text) };
    while let Some(next) = round(&fixed, &check) {
        fixed = next;
    }
    fixed
}

fn round(before: &Fixed, check: impl Fn(&str) -> Vec<Finding>) -> Option<Fixed> {
    let edits = apart(&before.left);
    let text = edited(&before.text, &edits);
    let left = check(&text);
    (Open::of(&left) < Open::of(&before.left)).then(|| Fixed {
        text,
        edits: before.edits + edits.len(),
        left,
    })
}

/// How many findings can be mended. A mended error may bring warnings to light, never the reverse,
/// so errors count for more than any number of warnings.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Open {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Open {
    fn of(findings: &[Finding]) -> Self {
        let count =
            |severity| findings.iter().filter(|it| it.edit.is_some() && it.severity() == severity).count();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }
}

/// The edits in the order of the text, without those that touch one before them.
fn apart(findings: &[Finding]) -> Vec<&Edit> {
    let mut edits: Vec<&Edit> = findings.iter().filter_map(|finding| finding.edit.as_ref()).collect();
    edits.sort_by_key(|edit| edit.span);
    let mut free = 0;
    edits.retain(|edit| {
        let is_free = edit.span.start >= free;
        if is_free {
            // Behind an edit comes at least one byte of the text, lest two insert in one place.
            free = edit.span.end + usize::from(edit.span.start == edit.span.end);
        }
        is_free
    });
    edits
}

fn edited(text: &str, edits: &[&Edit]) -> String {
    let mut edited = String::with_capacity(text.len() + edits.len());
    let mut behind = 0;
    for edit in edits {
        edited.push_str(&text[behind..edit.span.start]);
        edited.push_str(&edit.with);
        behind = edit.span.end;
    }
    edited.push_str(&text[behind..]);
    edited
}

#[cfg(test)]
mod tests {
    use flowgen_codegen::analyse;
    use flowgen_codegen::rules::RULES;
    use proptest::prelude::*;

    use super::*;

    const SAGA: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../codegen/tests/drawings/ok/order_saga.fz"));

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
            prop_assert_eq!(fixed.edits, count);
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
            prop_assert_eq!(twice.edits, 0);
            prop_assert_eq!(twice.text, once.text);
        }
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
            assert!(fixed.left.iter().all(|finding| finding.edit.is_none()), "{}", rule.code);
            assert_eq!(fixed.edits > 0, before.iter().any(|finding| finding.edit.is_some()), "{}", rule.code);
        }
    }

    #[test]
    fn a_mended_error_may_bring_a_warning_to_light() {
        let text = SAGA.replacen(" -> OrderService.", " => ", 1);
        assert_ne!(text, SAGA);
        assert_eq!(mended(&text).text, SAGA);
    }

    #[test]
    fn edits_that_touch_are_not_made_at_once() {
        let finding = |start, end| {
            let span = flowgen_codegen::source::Span::new(start, end);
            Finding::new(RULES[0], span, "").edit(span, "x")
        };
        let findings = [finding(4, 4), finding(0, 2), finding(4, 4), finding(1, 3), finding(2, 3)];
        let edits = apart(&findings);
        assert_eq!(edits.len(), 3);
        assert_eq!(edited("abcdef", &edits), "xxdxef");
    }
}

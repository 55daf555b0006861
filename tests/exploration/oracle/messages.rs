//! Messages that nobody waits for.

use std::collections::BTreeSet;

use flowgen::run::{PathEntry, VisitOutcome};

use super::course::Course;
use super::{Between, Oracle, Verdict, rule};

impl Oracle {
    /// A run sent messages, by their ids, on its way between two states.
    pub(crate) fn sent(&self, between: Between<'_>, run: &str, ids: &[&str]) -> Verdict {
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        rule!(unique.len() == ids.len(), "no two messages have one id: {ids:?}");
        let expected = Self::expected(between, run)?;
        let passed_on = |id: &&str| ids.iter().any(|by| *id == named(by, arrow(id)));
        let own: BTreeSet<String> =
            ids.iter().filter(|id| !passed_on(id)).map(|id| (*id).to_owned()).collect();
        rule!(own.is_subset(&expected), "messages are sent along drawn arrows: {own:?}");
        let stays = matches!((&self.course, between.before.is_rolling_back()), (Course::Forward, false));
        rule!(!stays || own == expected, "every message is sent: {expected:?}, not {own:?}");
        Ok(())
    }

    /// What may be sent: nothing from where nobody knows what was done. A run that turns back on its way sends less.
    fn expected(between: Between<'_>, run: &str) -> Result<BTreeSet<String>, String> {
        let mut expected = BTreeSet::new();
        for PathEntry { node, visit, outcome } in between.new_path()? {
            let spec = &between.plan.nodes[*node as usize];
            if matches!(
                outcome,
                VisitOutcome::NothingToUndo | VisitOutcome::Faulted | VisitOutcome::UndoFailed { .. }
            ) {
                continue;
            }
            for (at, to) in spec.sends.iter().enumerate() {
                let again = if spec.sends[..at].contains(to) { ".2" } else { "" };
                let to = between.plan.nodes[*to as usize].id;
                expected.insert(named(run, &format!("{}/{visit}/{to}{again}", spec.id)));
            }
        }
        Ok(expected)
    }
}

/// The last three parts of a message's id.
fn arrow(id: &str) -> &str {
    let before = id.rmatch_indices('/').nth(2);
    before.map_or(id, |(at, _)| &id[at + 1..])
}

/// The id of a message. All of 128 bytes are said in full; in those that are longer a hash stands for the sender,
/// behind the run that sent the first of them. The explored run, `run`, is no message.
fn named(sender: &str, arrow: &str) -> String {
    let whole = format!("{sender}/{arrow}");
    if whole.len() <= 128 || sender == "run" {
        return whole;
    }
    let hash = sender.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul((1 << 88) + 0x13b)
    });
    let first = match sender.split_once("/~") {
        Some((first, _)) => first,
        None => &sender[..sender.rmatch_indices('/').nth(2).map_or(0, |(at, _)| at)],
    };
    format!("{first}/~{hash:032x}/{arrow}")
}

//! Messages that nobody waits for.

use std::collections::BTreeSet;

use flowgen::run::{Trace, Walked};

use super::course::Course;
use super::{Between, Oracle, Verdict, rule};

impl Oracle {
    /// A run sent messages, by their ids, on its way between two states.
    pub(crate) fn sent(&self, between: Between<'_>, run: &str, ids: &[&str]) -> Verdict {
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        rule!(unique.len() == ids.len(), "no two messages have one id: {ids:?}");
        let expected = Self::expected(between, run)?;
        let passed_on = |id: &&str| ids.iter().any(|by| id.starts_with(&format!("{by}/")));
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
        for Walked { node, nth, trace } in between.walked()? {
            let spec = &between.plan.nodes[*node as usize];
            if matches!(trace, Trace::Skipped | Trace::Faulted | Trace::SetAside { .. }) {
                continue;
            }
            for (at, to) in spec.sends.iter().enumerate() {
                let mut id = format!("{run}/{}/{nth}/{}", spec.id, between.plan.nodes[*to as usize].id);
                if spec.sends[..at].contains(to) {
                    id.push_str(".2");
                }
                expected.insert(id);
            }
        }
        Ok(expected)
    }
}

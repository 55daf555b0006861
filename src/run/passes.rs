//! Counts of a run's passes of loops.

use crate::plan::{LoopSpec, Plan};

/// The bounded loops that a run has entered, by their index in the plan, with the number of passes.
///
/// See [`LoopSpec`] for the rules. Passes are counted per run, not per branch: a loop whose first node is in a
/// branch of a fork can be entered there and repeated after the join.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct Passes(Vec<(u32, u32)>);

impl Passes {
    /// Updates the counts when control moves from one node to another.
    ///
    /// # Errors
    ///
    /// If a loop begins one pass more than its bound allows.
    pub(crate) fn arrive(&mut self, plan: &Plan, from: u32, to: u32) -> Result<(), LoopBound> {
        let headed: Vec<(u32, &LoopSpec)> =
            (0..).zip(plan.loops).filter(|(_, looped)| looped.head == to).collect();
        let (repeated, entered): (Vec<_>, Vec<_>) =
            headed.into_iter().partition(|(_, looped)| looped.holds(from));
        let begun: Vec<(u32, &LoopSpec)> = if repeated.is_empty() {
            let is_outermost = |inner: &LoopSpec| !entered.iter().any(|(_, outer)| outer.is_around(inner));
            entered.iter().filter(|(_, looped)| is_outermost(looped)).copied().collect()
        } else {
            let is_innermost = |outer: &LoopSpec| !repeated.iter().any(|(_, inner)| outer.is_around(inner));
            repeated.iter().filter(|(_, looped)| is_innermost(looped)).copied().collect()
        };
        for &(_, outer) in &begun {
            for (at, inner) in (0..).zip(plan.loops).filter(|(_, inner)| outer.is_around(inner)) {
                let is_entered = inner.head == to && inner.bound.is_some();
                self.set(at, u32::from(is_entered));
            }
        }
        for (at, looped) in begun {
            let Some(bound) = looped.bound else { continue };
            let passes = self.of(at).saturating_add(1);
            self.set(at, passes);
            if passes > bound {
                return Err(LoopBound { text: looped.text, bound });
            }
        }
        Ok(())
    }

    fn of(&self, at: u32) -> u32 {
        self.0.iter().find(|(of, _)| *of == at).map_or(0, |(_, passes)| *passes)
    }

    fn set(&mut self, at: u32, passes: u32) {
        self.0.retain(|(of, _)| *of != at);
        if passes > 0 {
            self.0.push((at, passes));
            self.0.sort_unstable();
        }
    }

    /// Clears all counts, because a rollback starts at zero.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(feature = "serde")]
impl Passes {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Passes each counted loop to `show`, which may change it.
    pub(crate) fn each_loop(&mut self, show: &mut impl FnMut(&mut u32)) {
        self.0.iter_mut().for_each(|(at, _)| show(at));
    }

    pub(crate) fn counts(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(_, passes)| *passes)
    }

    /// Adds the counts that an older version saved for one branch. A branch started with the counts of the
    /// branch that forked, so the greatest count of a loop is that of the run.
    pub(crate) fn add_saved(&mut self, branch: Vec<(u32, u32)>) {
        for (at, passes) in branch {
            self.set(at, self.of(at).max(passes));
        }
    }
}

/// A bounded loop would begin one pass more than its bound allows.
#[derive(Debug)]
pub struct LoopBound {
    /// The text of the loop.
    pub text: &'static str,
    /// The number of passes that it allows.
    pub bound: u32,
}

impl std::fmt::Display for LoopBound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the loop `{}` has made all its {} passes", self.text, self.bound)
    }
}

impl std::error::Error for LoopBound {}

//! What stands between the start and the end, as a function of a node's place alone.
//!
//! Places count from 0 to `last`, from which an arrow leaves to `last + 1`, the end.

use std::ops::RangeInclusive;

#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Step after step.
    Straight,
    /// Many short loops: a step, and a decision that goes on or back to it.
    Loops,
    /// One loop in another, as deep as there are nodes: steps first, then a decision back to each.
    LoopsInLoops,
    /// Many short forks, each with a fork in its first branch.
    Forks,
    /// One fork in another, as deep as there are nodes, each with a step in its second branch.
    ForksInForks,
    /// A hundredth of the nodes are such forks, and a tenth are decisions in the innermost one, which
    /// go back or leave out a step.
    Mixed,
}

pub(crate) enum Kind {
    Step,
    Decision,
}

pub(crate) struct Arrow {
    pub(crate) to: usize,
    pub(crate) label: Option<&'static str>,
}

impl Shape {
    pub(crate) fn kind(self, place: usize, last: usize) -> Kind {
        match self {
            Self::Loops if place % 2 == 1 => Kind::Decision,
            Self::LoopsInLoops if place > last / 2 => Kind::Decision,
            Self::Mixed if Nest::mixed(last).decides(place) => Kind::Decision,
            _ => Kind::Step,
        }
    }

    pub(crate) fn arrows(self, place: usize, last: usize) -> Vec<Arrow> {
        match self {
            Self::Loops if place % 2 == 1 => on_or_back(place, place - 1),
            // The first decision goes back to the last step, the last one to the first.
            Self::LoopsInLoops if place > last / 2 => on_or_back(place, last - place),
            Self::Straight | Self::Loops | Self::LoopsInLoops => vec![Arrow::to(place + 1)],
            Self::Forks => short_fork(place, last),
            Self::ForksInForks => Nest::deepest(last).arrows(place),
            Self::Mixed => Nest::mixed(last).mixed_arrows(place),
        }
    }

    /// The nodes that stand in a bounded loop which is best written after this one.
    pub(crate) fn bounded(self, place: usize) -> Option<RangeInclusive<usize>> {
        matches!(self, Self::Loops)
            .then_some(place)
            .filter(|place| place % 2 == 1)
            .map(|place| place - 1..=place)
    }
}

impl Arrow {
    pub(crate) fn to(to: usize) -> Self {
        Self { to, label: None }
    }
}

fn on_or_back(place: usize, back: usize) -> Vec<Arrow> {
    vec![Arrow { to: place + 1, label: Some("On") }, Arrow { to: back, label: Some("Back") }]
}

/// Seven places: 0 forks to 1 and 5, and 1 to 2 and 3, which join at 4; 4 and 5 join at 6.
fn short_fork(place: usize, last: usize) -> Vec<Arrow> {
    const PLACES: usize = 7;
    let is_whole = place - place % PLACES + PLACES <= last + 1;
    let steps: &[usize] = match place % PLACES {
        0 if is_whole => &[1, 5],
        1 if is_whole => &[1, 2],
        2 | 4 if is_whole => &[2],
        _ => &[1],
    };
    steps.iter().map(|step| Arrow::to(place + step)).collect()
}

/// Forks in each other: the forks, outermost first; their second branches, a step each; what stands
/// in the innermost fork; the joins, innermost first.
struct Nest {
    depth: usize,
    last: usize,
}

/// In the innermost fork, of so many places one is a decision.
const BLOCK: usize = 9;

impl Nest {
    /// At least one place is left in the innermost fork: a first branch without a step would be none.
    fn deepest(last: usize) -> Self {
        Self { depth: last / 3, last }
    }

    fn mixed(last: usize) -> Self {
        Self { depth: last.div_ceil(100).min(last / 3), last }
    }

    fn innermost(&self) -> usize {
        2 * self.depth
    }

    fn arrows(&self, place: usize) -> Vec<Arrow> {
        if place < self.depth {
            let inside = if place + 1 < self.depth { place + 1 } else { self.innermost() };
            vec![Arrow::to(inside), Arrow::to(self.depth + place)]
        } else if place < self.innermost() {
            let fork = place - self.depth;
            vec![Arrow::to(self.last - fork)]
        } else {
            vec![Arrow::to(place + 1)]
        }
    }

    fn decides(&self, place: usize) -> bool {
        let (from, to) = (self.innermost(), self.last - self.depth);
        (from..to).contains(&place) && (place - from) % BLOCK == 4 && place + BLOCK <= to
    }

    fn mixed_arrows(&self, place: usize) -> Vec<Arrow> {
        let is_even = (place / BLOCK).is_multiple_of(2);
        match self.decides(place) {
            true if is_even => on_or_back(place, place - 3),
            true => {
                vec![Arrow { to: place + 1, label: Some("On") }, Arrow { to: place + 2, label: Some("Skip") }]
            }
            false => self.arrows(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundredth_forks_and_a_tenth_decides() {
        let last = 100_000 - 3;
        let decisions = (0..=last).filter(|&place| matches!(Shape::Mixed.kind(place, last), Kind::Decision));
        assert_eq!((Nest::mixed(last).depth, decisions.count() / 1_000), (1_000, 10));
    }

    #[test]
    fn every_place_is_reached_and_every_arrow_arrives() {
        use Shape::{Forks, ForksInForks, Loops, LoopsInLoops, Mixed, Straight};
        for shape in [Straight, Loops, LoopsInLoops, Forks, ForksInForks, Mixed] {
            for last in 0..400 {
                let mut reached = vec![false; last + 2];
                reached[0] = true;
                for arrow in (0..=last).flat_map(|place| shape.arrows(place, last)) {
                    reached[arrow.to] = true;
                }
                assert!(reached.iter().all(|reached| *reached));
            }
        }
    }
}

//! What the future of a run depends on: not how often something was visited, nor how places are numbered.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use flowgen::run::{PlaceId, Run};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A saved run, as far as it matters. What is usual is left out of it.
#[derive(Debug, Deserialize)]
pub(super) struct Frame {
    state: State,
    #[serde(skip)]
    path: usize,
    #[serde(skip)]
    faults: usize,
}

#[derive(Debug, Deserialize)]
struct State {
    places: Vec<Place>,
    #[serde(default)]
    ledger: Ledger,
    #[serde(default)]
    phase: Phase,
    end: Option<u32>,
    #[serde(default)]
    passes: Vec<(u32, u32)>,
    #[serde(default)]
    detached: bool,
}

#[derive(Debug, Deserialize)]
struct Place {
    #[serde(default)]
    id: PlaceId,
    parent: Option<PlaceId>,
    node: u32,
    #[serde(default)]
    standing: Standing,
    undoing: Option<(u32, u32)>,
}

#[derive(Debug, Default, PartialEq, Eq, Hash, Deserialize)]
enum Standing {
    Moving,
    Due,
    #[default]
    Begun,
    Split {
        join: Option<u32>,
    },
    Joined,
    Over,
    Stopped,
}

#[derive(Debug, Default, Deserialize)]
struct Ledger {
    #[serde(default)]
    owed: Vec<Owed>,
    #[serde(default)]
    aside: Vec<Owed>,
}

#[derive(Debug, Deserialize)]
struct Owed {
    node: u32,
    #[serde(default = "once")]
    nth: u32,
}

fn once() -> u32 {
    1
}

#[derive(Debug, Default, Hash, Deserialize)]
enum Phase {
    #[default]
    Forward,
    Aborting {
        cause: Cause,
        entry: Option<u32>,
    },
    Drawn {
        cause: Cause,
        entered: BTreeSet<u32>,
    },
    LastFirst {
        cause: Cause,
    },
    Over(Ending),
}

#[derive(Debug, Hash, Deserialize)]
enum Ending {
    Completed(u32),
    RolledBack(Cause),
    Stuck(Cause),
    Failed(Cause),
}

#[derive(Debug, Deserialize)]
enum Cause {
    Fault(IgnoredAny),
    Drawn {},
    Cancelled,
}

impl Hash for Cause {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
    }
}

impl Frame {
    pub(super) fn of(run: &Run<()>) -> Self {
        let contexts = BTreeMap::<PlaceId, u8>::new();
        let saved = serde_json::to_string(&run.snapshot(&contexts)).unwrap();
        let frame: Self = serde_json::from_str(&saved).unwrap();
        Self { path: run.state().path().len(), faults: run.state().faults().len(), ..frame }
    }

    pub(super) fn key(&self) -> u64 {
        let State { places, ledger, phase, end, passes, detached } = &self.state;
        let mut hasher = DefaultHasher::new();
        for place in places {
            let number = |id: PlaceId| places.iter().position(|place| place.id == id);
            place.parent.map(number).hash(&mut hasher);
            (place.node, &place.standing).hash(&mut hasher);
            let is_due = matches!(place.standing, Standing::Due | Standing::Begun);
            let entry = place.undoing.filter(|_| is_due);
            let entry = entry.map(|entry| ledger.owed.iter().position(|owed| (owed.node, owed.nth) == entry));
            entry.hash(&mut hasher);
        }
        for list in [&ledger.owed, &ledger.aside] {
            list.iter().map(|owed| owed.node).collect::<Vec<u32>>().hash(&mut hasher);
        }
        (phase, end, passes, detached).hash(&mut hasher);
        hasher.finish()
    }

    /// How long the path was.
    pub(super) fn path(&self) -> usize {
        self.path
    }

    /// How many faults there were.
    pub(super) fn faults(&self) -> usize {
        self.faults
    }

    pub(super) fn is_forward(&self) -> bool {
        matches!(self.state.phase, Phase::Forward)
    }

    pub(super) fn has_end(&self) -> bool {
        self.state.end.is_some()
    }

    pub(super) fn places(&self) -> usize {
        self.state.places.len()
    }

    /// The node of the first place.
    pub(super) fn first(&self) -> Option<u32> {
        self.state.places.first().map(|place| place.node)
    }

    /// A node at which two branches are at the same time, before any rollback.
    pub(super) fn shared(&self) -> Option<u32> {
        let mut met = BTreeSet::new();
        let busy = |place: &&Place| matches!(place.standing, Standing::Due | Standing::Begun);
        let mut nodes = self.state.places.iter().filter(busy).map(|place| place.node);
        nodes.find(|node| !met.insert(*node)).filter(|_| self.is_forward())
    }

    /// How many visits of one step are owed an undo, at most.
    pub(super) fn most_owed(&self) -> usize {
        let mut counts = BTreeMap::<u32, usize>::new();
        for owed in &self.state.ledger.owed {
            *counts.entry(owed.node).or_default() += 1;
        }
        counts.into_values().max().unwrap_or(0)
    }

    pub(super) fn begun(&self) -> Vec<PlaceId> {
        let begun = self.state.places.iter().filter(|place| place.standing == Standing::Begun);
        begun.map(|place| place.id).collect()
    }

    /// The node at which a place stands, and whether it is there to undo something.
    pub(super) fn stands(&self, place: PlaceId) -> (u32, bool) {
        let place = self.state.places.iter().find(|other| other.id == place).unwrap();
        (place.node, place.undoing.is_some())
    }
}

//! The declared data of a flow: what its nodes take and give.

use std::collections::BTreeMap;

use crate::graph::NodeIx;
use crate::source::Span;
use crate::syntax::Word;
use crate::syntax::declaration::{TypeText, Use};

/// The index of a name in [`Data::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameIx(pub usize);

/// The declared data of a flow.
///
/// These invariants hold for a wrong declaration, too:
/// - every [`NameIx`] and [`NodeIx`] is in range, and names are unique;
/// - a node that gives outcomes is a step whose only edge leads to the decision, which has an entry for each of its
///   outcomes, and no other edge leads to that decision;
/// - a node takes each name at most once.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The `use` lines.
    pub uses: Vec<Use>,
    /// The names, in the order in which they are first given.
    pub names: Vec<DataName>,
    /// What each declared node takes and gives.
    pub nodes: BTreeMap<NodeIx, NodeData>,
    /// The cycles of the drawing, each a sorted list of nodes: the loop nesting forest, outer cycles first.
    pub cycles: Vec<Vec<NodeIx>>,
    /// Text could not be read, or an item not resolved. It may have given anything that seems to be missing.
    pub incomplete: bool,
}

/// A name that values are bound to.
#[derive(Clone, Debug)]
pub struct DataName {
    /// The name, where it is first given.
    pub name: Word,
    /// The type.
    pub type_text: TypeText,
    /// The nodes that give it; for a fused step with the outcome, an index of the decision's `next`.
    pub givers: Vec<(NodeIx, Option<usize>)>,
}

/// What a node takes and gives.
#[derive(Clone, Debug)]
pub struct NodeData {
    /// What it takes, in the order written.
    pub takes: Vec<Taken>,
    /// What it gives.
    pub gives: Gives,
    /// The name of the node in the declaration.
    pub span: Span,
}

/// An input of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it takes, and how.
    pub take: Take,
    /// The input in the declaration.
    pub span: Span,
}

/// What a node takes, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Take {
    /// `x`: the latest value.
    One(NameIx),
    /// `x?`: the latest value, if there is one.
    Optional(NameIx),
    /// `[x]`: the values that a loop has given so far.
    List(NameIx),
    /// `take x`: the latest value, moved.
    Moved(NameIx),
    /// `cause`: why the run rolls back.
    Cause,
}

/// What a node gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Nothing.
    Nothing,
    /// A value.
    Value(NameIx),
    /// The outcome of the decision behind it, which is fused with it.
    Outcomes {
        /// The decision.
        decision: NodeIx,
        /// By outcome, in the order of the decision's `next`.
        outcomes: Vec<GivenOutcome>,
    },
}

/// What a fused step gives with an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenOutcome {
    /// The name of the value, if there is one.
    pub name: Option<NameIx>,
    /// The step is done then. True for all outcomes of a step that has no compensation.
    pub is_done: bool,
}

impl Take {
    /// The name; `None` for `cause`.
    #[must_use]
    pub fn name(self) -> Option<NameIx> {
        match self {
            Self::One(name) | Self::Optional(name) | Self::List(name) | Self::Moved(name) => Some(name),
            Self::Cause => None,
        }
    }
}

impl Gives {
    /// The names that it may give.
    pub fn names(&self) -> impl Iterator<Item = NameIx> {
        let (value, outcomes) = match self {
            Self::Nothing => (None, &[][..]),
            Self::Value(name) => (Some(*name), &[][..]),
            Self::Outcomes { outcomes, .. } => (None, outcomes.as_slice()),
        };
        value.into_iter().chain(outcomes.iter().filter_map(|outcome| outcome.name))
    }

    /// The decision that is fused with it.
    #[must_use]
    pub fn decision(&self) -> Option<NodeIx> {
        match self {
            Self::Outcomes { decision, .. } => Some(*decision),
            Self::Nothing | Self::Value(_) => None,
        }
    }
}

impl Data {
    /// The inputs of a node.
    #[must_use]
    pub fn takes(&self, node: NodeIx) -> &[Taken] {
        self.nodes.get(&node).map_or(&[], |node| &node.takes)
    }

    /// Fills in the givers of all names.
    pub(super) fn add_givers(&mut self) {
        for (&node, NodeData { gives, .. }) in &self.nodes {
            match gives {
                Gives::Nothing => {}
                Gives::Value(name) => self.names[name.0].givers.push((node, None)),
                Gives::Outcomes { outcomes, .. } => {
                    for (at, outcome) in outcomes.iter().enumerate() {
                        let name = outcome.name.map(|name| &mut self.names[name.0]);
                        if let Some(name) = name {
                            name.givers.push((node, Some(at)));
                        }
                    }
                }
            }
        }
    }

    /// What a node gives.
    #[must_use]
    pub fn gives(&self, node: NodeIx) -> &Gives {
        self.nodes.get(&node).map_or(&Gives::Nothing, |node| &node.gives)
    }

    /// By giver of a list: the cycle that limits what `taker` gets of its values, an index of [`cycles`](Self::cycles).
    ///
    /// These are the values since control last entered the outermost cycle around the giver that does not hold the
    /// taker. If all of them hold it, it is the innermost one. A giver in no cycle is left out: all its values count.
    #[must_use]
    pub fn since(&self, taker: NodeIx, name: NameIx) -> Vec<(NodeIx, usize)> {
        let mut givers: Vec<_> = self.names[name.0].givers.iter().map(|&(giver, _)| giver).collect();
        givers.sort_unstable();
        givers.dedup();
        let holds = |cycle: usize, node: NodeIx| self.cycles[cycle].binary_search(&node).is_ok();
        let cycle_of = |giver: NodeIx| {
            let mut around = (0..self.cycles.len()).filter(|&cycle| holds(cycle, giver));
            let outermost_without = around.clone().find(|&cycle| !holds(cycle, taker));
            outermost_without.or_else(|| around.next_back()).map(|cycle| (giver, cycle))
        };
        givers.into_iter().filter_map(cycle_of).collect()
    }
}

#[cfg(test)]
impl Data {
    /// Data without texts: nodes with what they take and give.
    pub(crate) fn sketch(nodes: &[(usize, &[Take], Gives)]) -> Self {
        let word = || Word { text: String::new(), span: Span::default() };
        let mut data = Self::default();
        for (node, takes, gives) in nodes {
            let takes: Vec<_> = takes.iter().map(|&take| Taken { take, span: Span::default() }).collect();
            let names = gives.names().chain(takes.iter().filter_map(|taken| taken.take.name()));
            for name in names.collect::<Vec<_>>() {
                let type_text = || TypeText { words: Vec::new(), roots: Vec::new() };
                let unnamed = || DataName { name: word(), type_text: type_text(), givers: Vec::new() };
                data.names.resize_with(data.names.len().max(name.0 + 1), unnamed);
            }
            let gives = gives.clone();
            data.nodes.insert(NodeIx(*node), NodeData { takes, gives, span: Span::default() });
        }
        data.add_givers();
        data
    }
}

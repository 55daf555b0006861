//! Drawings as data in generated code.

/// A whole drawing, as the interpreter executes it.
///
/// Generated code contains one as a constant. Nodes, lanes and loops are identified by their index in it.
///
/// # Examples
///
/// ```
/// use flowgen::plan::{Kind, LaneSpec, NodeSpec, Plan};
///
/// static PLAN: Plan = Plan::new(
///     &[LaneSpec::new("Shop", "Shop")],
///     &[
///         NodeSpec::new("n1", "Start", 0, Kind::Start).next(&[1]),
///         NodeSpec::new("n2", "Ship", 0, Kind::Step).next(&[2]),
///         NodeSpec::new("n3", "End", 0, Kind::End),
///     ],
///     &[],
/// );
/// assert_eq!(PLAN.nodes[1].label, "Ship");
/// ```
#[derive(Debug)]
pub struct Plan {
    /// The lanes, in the order drawn.
    pub lanes: &'static [LaneSpec],
    /// The nodes.
    pub nodes: &'static [NodeSpec],
    /// The loops that bound a cycle, and those around them.
    pub loops: &'static [LoopSpec],
    /// The node that a fault leads to, if exactly one rollback trigger is drawn.
    pub trigger: Option<u32>,
    /// A hash of the meaning: equal for drawings that mean the same, different for others.
    pub hash: u64,
    /// The names of the declared values; empty without a declaration. Inputs and outputs refer to a name by its
    /// index here.
    pub names: &'static [&'static str],
    /// The names of which a node takes the list, by index. Of other names, a run keeps only the latest value.
    pub lists: &'static [u32],
    /// The cycles that limit lists, each with its nodes, sorted: see [`Take::List`].
    pub cycles: &'static [&'static [u32]],
}

/// An input of a node. Names are given by their index in [`Plan::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// The latest value of a name. Every path to the node gives it.
    One(u32),
    /// The latest value of a name, if there is one.
    Optional(u32),
    /// The values of a name that the visits of its givers gave, except undone values.
    ///
    /// Values that a giver gave before control last entered its cycle from outside are left out.
    List {
        /// The name.
        name: u32,
        /// The givers whose values a cycle limits, each with its cycle, by its index in [`Plan::cycles`].
        since: &'static [(u32, u32)],
    },
    /// The latest value of a name, which is moved out of the run.
    ByValue(u32),
    /// The cause of the rollback.
    Cause,
}

/// An outcome of a node, as far as it concerns values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// The name that it gives, by its index in [`Plan::names`].
    pub name: Option<u32>,
    /// Whether it means that a compensable step is done.
    pub is_done: bool,
}

/// A lane.
#[derive(Clone, Debug)]
pub struct LaneSpec {
    /// The name by which the drawing refers to the lane.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
}

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A circle without incoming edges: an entry point.
    Start,
    /// A circle without outgoing edges: an end of the flow.
    End,
    /// A circle with incoming and outgoing edges.
    Milestone,
    /// A rectangle: work to be done.
    Step,
    /// A taskbox: work done by a person.
    Task,
    /// A diamond: selects one of its outgoing edges.
    Decision,
}

/// A node.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// The id in the drawing: `n7`.
    pub id: &'static str,
    /// The label in the drawing.
    pub label: &'static str,
    /// The method of the lane that implements the node; empty for a circle, which has no method.
    pub method: &'static str,
    /// The lane, by its index in [`Plan::lanes`].
    pub lane: u32,
    /// The kind of the node.
    pub kind: Kind,
    /// Where control continues: one successor, a decision's outcomes, or the branches of a fork.
    pub next: &'static [u32],
    /// The labels of a decision's outcomes, in the order of [`next`](Self::next); empty for other nodes.
    pub outcomes: &'static [&'static str],
    /// The targets of the messages that the node sends.
    pub sends: &'static [u32],
    /// The join of a fork: the node where its branches meet.
    pub join: Option<u32>,
    /// The steps that this node undoes; it is a compensation if there are any.
    pub undoes: &'static [u32],
    /// The compensation that undoes this step.
    pub undone_by: Option<u32>,
    /// Whether control that enters this node along a drawn edge begins a rollback. True for a rollback trigger,
    /// and for a compensation that only a rollback follows.
    pub rolls_back: bool,
    /// Further attributes in the drawing: owner, description, system.
    pub attributes: &'static [(&'static str, &'static str)],
    /// The inputs, in the order in which the node reads them.
    pub takes: &'static [Take],
    /// The outputs: one for a node without outcomes, one for each outcome of a [fused](Self::fused) decision, and
    /// none for a node that gives nothing.
    pub gives: &'static [Output],
    /// The decision that this step answers. Control passes the decision when the step has succeeded.
    pub fused: Option<u32>,
    /// Whether this compensable step can be asked whether it was done: see [`Visit::is_inquiry`].
    ///
    /// [`Visit::is_inquiry`]: crate::Visit::is_inquiry
    pub asks: bool,
}

/// A loop: a bound on a cycle, or a cycle around a bounded one.
///
/// A pass begins each time a run reaches [`head`](Self::head), even along nodes that the loop does not list. If
/// control comes from inside several loops with the same head, a pass of the innermost one begins.
///
/// Passes are counted for the whole run, whichever branch reaches the head: a run that enters the loop in a
/// branch of a fork and repeats it after the join begins its second pass then. Two branches that reach the same
/// head share one bound. (flowgen reports nodes that several branches of a fork reach before they join.) A
/// message is a run of its own and counts its own passes. A rollback starts all counts at zero.
///
/// A count is reset when a pass of a surrounding loop begins, which lists all nodes of this loop and more. For
/// example, `up to 3 times` within `for each order` means three times for each order.
#[derive(Clone, Debug)]
pub struct LoopSpec {
    /// The text of the loop.
    pub text: &'static str,
    /// The node at which a pass begins.
    pub head: u32,
    /// All its nodes, sorted.
    pub nodes: &'static [u32],
    /// The most passes that a run may make; a further one faults. `None` for a loop without a bound of its own.
    pub bound: Option<u32>,
}

impl Plan {
    /// Creates a plan without a rollback trigger.
    #[must_use]
    pub const fn new(
        lanes: &'static [LaneSpec],
        nodes: &'static [NodeSpec],
        loops: &'static [LoopSpec],
    ) -> Self {
        Self { lanes, nodes, loops, trigger: None, hash: 0, names: &[], lists: &[], cycles: &[] }
    }

    /// Sets the names of the declared values.
    #[must_use]
    pub const fn names(mut self, names: &'static [&'static str]) -> Self {
        self.names = names;
        self
    }

    /// Sets the names of which a node takes the list.
    #[must_use]
    pub const fn lists(mut self, names: &'static [u32]) -> Self {
        self.lists = names;
        self
    }

    /// Sets the cycles that limit lists. The nodes of each are sorted.
    #[must_use]
    pub const fn cycles(mut self, cycles: &'static [&'static [u32]]) -> Self {
        self.cycles = cycles;
        self
    }

    /// Sets the rollback trigger.
    #[must_use]
    pub const fn trigger(mut self, node: u32) -> Self {
        self.trigger = Some(node);
        self
    }

    /// Sets the hash of the drawing's meaning.
    #[must_use]
    pub const fn hash(mut self, hash: u64) -> Self {
        self.hash = hash;
        self
    }

    /// Returns the node with this index.
    #[must_use]
    pub fn node(&self, at: u32) -> Option<&'static NodeSpec> {
        self.nodes.get(at as usize)
    }

    /// Returns the compensation of the step with this index.
    pub(crate) fn undone_by(&self, step: u32) -> Option<u32> {
        self.node(step).and_then(|spec| spec.undone_by)
    }

    /// The labels of the outcomes that the method of this node returns: those of a decision, or of the decision
    /// that the step answers. Empty for a decision that a step answers.
    #[must_use]
    pub fn outcomes_of(&self, node: u32) -> &'static [&'static str] {
        let Some(spec) = self.node(node) else { return &[] };
        match spec.fused.and_then(|decision| self.node(decision)) {
            Some(decision) => decision.outcomes,
            None if self.is_answered(node) => &[],
            None => spec.outcomes,
        }
    }

    /// Whether a step answers this decision.
    pub(crate) fn is_answered(&self, decision: u32) -> bool {
        self.nodes.iter().any(|step| step.fused == Some(decision))
    }

    /// The name with this index; `?` if there is none.
    #[cfg(feature = "serde")]
    pub(crate) fn name(&self, name: u32) -> &'static str {
        self.names.get(name as usize).copied().unwrap_or("?")
    }

    /// Returns the index of the node with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        self.nodes.iter().position(|node| node.id == id).and_then(|at| u32::try_from(at).ok())
    }
}

impl LaneSpec {
    /// A lane.
    #[must_use]
    pub const fn new(name: &'static str, label: &'static str) -> Self {
        Self { name, label }
    }
}

impl LoopSpec {
    /// Creates a bounded loop.
    #[must_use]
    pub const fn new(text: &'static str, head: u32, nodes: &'static [u32], bound: u32) -> Self {
        Self { text, head, nodes, bound: Some(bound) }
    }

    /// Creates a loop without a bound. Each of its passes resets the counts of the loops in it.
    #[must_use]
    pub const fn unbounded(text: &'static str, head: u32, nodes: &'static [u32]) -> Self {
        Self { text, head, nodes, bound: None }
    }

    /// Whether the loop contains this node.
    #[must_use]
    pub fn holds(&self, node: u32) -> bool {
        self.nodes.binary_search(&node).is_ok()
    }

    /// Whether this loop contains all nodes of `inner`, and more.
    #[must_use]
    pub fn is_around(&self, inner: &Self) -> bool {
        self.nodes.len() > inner.nodes.len() && inner.nodes.iter().all(|&node| self.holds(node))
    }
}

impl NodeSpec {
    /// Creates a node without successors.
    #[must_use]
    pub const fn new(id: &'static str, label: &'static str, lane: u32, kind: Kind) -> Self {
        Self {
            id,
            label,
            method: "",
            lane,
            kind,
            next: &[],
            outcomes: &[],
            sends: &[],
            join: None,
            undoes: &[],
            undone_by: None,
            rolls_back: false,
            attributes: &[],
            takes: &[],
            gives: &[],
            fused: None,
            asks: false,
        }
    }

    /// Sets the method that implements the node.
    #[must_use]
    pub const fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// Sets the nodes at which control continues.
    #[must_use]
    pub const fn next(mut self, next: &'static [u32]) -> Self {
        self.next = next;
        self
    }

    /// Sets the labels of a decision's outcomes.
    #[must_use]
    pub const fn outcomes(mut self, labels: &'static [&'static str]) -> Self {
        self.outcomes = labels;
        self
    }

    /// Sets the targets of the messages that the node sends.
    #[must_use]
    pub const fn sends(mut self, sends: &'static [u32]) -> Self {
        self.sends = sends;
        self
    }

    /// Sets the join of this fork.
    #[must_use]
    pub const fn join(mut self, join: u32) -> Self {
        self.join = Some(join);
        self
    }

    /// Makes this node the compensation of these steps.
    #[must_use]
    pub const fn undoes(mut self, steps: &'static [u32]) -> Self {
        self.undoes = steps;
        self
    }

    /// Sets the compensation of this step.
    #[must_use]
    pub const fn undone_by(mut self, compensation: u32) -> Self {
        self.undone_by = Some(compensation);
        self
    }

    /// Marks that control begins a rollback when it enters this node along a drawn edge.
    #[must_use]
    pub const fn rolls_back(mut self) -> Self {
        self.rolls_back = true;
        self
    }

    /// Sets the further attributes in the drawing.
    #[must_use]
    pub const fn attributes(mut self, attributes: &'static [(&'static str, &'static str)]) -> Self {
        self.attributes = attributes;
        self
    }

    /// Sets the inputs.
    #[must_use]
    pub const fn takes(mut self, takes: &'static [Take]) -> Self {
        self.takes = takes;
        self
    }

    /// Sets the outputs.
    #[must_use]
    pub const fn gives(mut self, outputs: &'static [Output]) -> Self {
        self.gives = outputs;
        self
    }

    /// Sets the decision that this step answers.
    #[must_use]
    pub const fn fused(mut self, decision: u32) -> Self {
        self.fused = Some(decision);
        self
    }

    /// Marks that this compensable step can be asked whether it was done.
    #[must_use]
    pub const fn asks(mut self) -> Self {
        self.asks = true;
        self
    }

    /// Whether this node is a compensation.
    #[must_use]
    pub const fn is_compensation(&self) -> bool {
        !self.undoes.is_empty()
    }

    /// Whether this is a circle, which has no method.
    #[must_use]
    pub const fn is_circle(&self) -> bool {
        matches!(self.kind, Kind::Start | Kind::End | Kind::Milestone)
    }
}

impl Take {
    /// The name; `None` for the cause of the rollback.
    #[must_use]
    pub const fn name(self) -> Option<u32> {
        match self {
            Self::One(name) | Self::Optional(name) | Self::ByValue(name) | Self::List { name, .. } => {
                Some(name)
            }
            Self::Cause => None,
        }
    }
}

impl Output {
    /// Creates an output that gives a value of this name, or none.
    #[must_use]
    pub const fn new(name: Option<u32>) -> Self {
        Self { name, is_done: false }
    }

    /// Marks the outcome as one that means that a compensable step is done.
    #[must_use]
    pub const fn done(mut self) -> Self {
        self.is_done = true;
        self
    }
}

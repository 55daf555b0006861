//! A drawing as data, as generated code carries it.

/// A whole drawing: what the interpreter walks on.
///
/// Generated code holds one as a constant; nodes, lanes and loops are named by their place in it.
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
    /// The node that a fault leads to, where exactly one rollback trigger is drawn.
    pub trigger: Option<u32>,
    /// Tells drawings that mean different things apart; equal for drawings that mean the same.
    pub hash: u64,
}

/// A lane.
#[derive(Clone, Debug)]
pub struct LaneSpec {
    /// The name, as references in the drawing use it.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A circle that nothing leads to: an entry point.
    Start,
    /// A circle that leads nowhere: a way for the flow to end.
    End,
    /// A circle in between.
    Milestone,
    /// A rectangle: something is done.
    Step,
    /// A taskbox: a person does something.
    Task,
    /// A diamond: which way to go.
    Decision,
}

/// A node.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// The id in the drawing: `n7`.
    pub id: &'static str,
    /// The label in the drawing.
    pub label: &'static str,
    /// The method of the lane that does what stands here; empty for a circle, which nobody implements.
    pub method: &'static str,
    /// The lane, by its place in [`Plan::lanes`].
    pub lane: u32,
    /// What it is.
    pub kind: Kind,
    /// Where control goes: one successor, a decision's outcomes, or the branches of a fork.
    pub next: &'static [u32],
    /// The labels of a decision's outcomes, in the order of [`next`](Self::next); empty for other nodes.
    pub outcomes: &'static [&'static str],
    /// Where messages go that nobody waits for.
    pub sends: &'static [u32],
    /// Where the branches of a fork meet.
    pub join: Option<u32>,
    /// The steps that this node undoes; it is a compensation if there are any.
    pub undoes: &'static [u32],
    /// The compensation that undoes this step.
    pub undone_by: Option<u32>,
    /// Control that enters this node on a drawn arrow begins a rollback: a rollback trigger, or a
    /// compensation behind which there is nothing but rollback.
    pub rolls_back: bool,
    /// What else the drawing says of it: owner, description, system.
    pub attributes: &'static [(&'static str, &'static str)],
}

/// A loop: a bound on a cycle, or a cycle around a bounded one.
///
/// A pass begins each time a run comes to [`head`](Self::head), also by way of nodes that the loop does not
/// list. Where control comes from inside of several loops that have one head, a pass begins of the innermost
/// only.
///
/// Passes are counted for the whole run, whichever branch comes to the head: a run that enters the loop in a
/// branch of a fork and repeats it after the join makes its second pass there. Two branches that come to one
/// head use up one bound together. (flowgen reports nodes that several branches of a fork reach before they
/// join.) A message is a run of its own and counts its own passes, and a rollback counts from the beginning.
///
/// A count starts anew when a pass of a loop begins that lists all nodes of this one and more. So
/// `up to 3 times` within `for each order` is three times for each order.
#[derive(Clone, Debug)]
pub struct LoopSpec {
    /// The text of the loop.
    pub text: &'static str,
    /// The node at which a pass begins.
    pub head: u32,
    /// All its nodes, sorted.
    pub nodes: &'static [u32],
    /// How many passes a run may make before it faults. `None` for a loop that bounds nothing itself.
    pub bound: Option<u32>,
}

impl Plan {
    /// A plan without a rollback trigger.
    #[must_use]
    pub const fn new(
        lanes: &'static [LaneSpec],
        nodes: &'static [NodeSpec],
        loops: &'static [LoopSpec],
    ) -> Self {
        Self { lanes, nodes, loops, trigger: None, hash: 0 }
    }

    /// Names the rollback trigger.
    #[must_use]
    pub const fn trigger(mut self, node: u32) -> Self {
        self.trigger = Some(node);
        self
    }

    /// Gives the hash of what the drawing means.
    #[must_use]
    pub const fn hash(mut self, hash: u64) -> Self {
        self.hash = hash;
        self
    }

    /// The node at this place, if there is one.
    #[must_use]
    pub fn node(&self, at: u32) -> Option<&'static NodeSpec> {
        self.nodes.get(at as usize)
    }

    /// The compensation of the step at this place.
    pub(crate) fn undone_by(&self, step: u32) -> Option<u32> {
        self.node(step).and_then(|spec| spec.undone_by)
    }

    /// The node with this id.
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
    /// A bounded loop.
    #[must_use]
    pub const fn new(text: &'static str, head: u32, nodes: &'static [u32], bound: u32) -> Self {
        Self { text, head, nodes, bound: Some(bound) }
    }

    /// A loop without a bound. Each of its passes starts the counts of the loops in it anew.
    #[must_use]
    pub const fn unbounded(text: &'static str, head: u32, nodes: &'static [u32]) -> Self {
        Self { text, head, nodes, bound: None }
    }

    /// Is this node one of the loop?
    #[must_use]
    pub fn holds(&self, node: u32) -> bool {
        self.nodes.binary_search(&node).is_ok()
    }

    /// Does this loop hold all nodes of the other one, and more?
    #[must_use]
    pub fn is_around(&self, inner: &Self) -> bool {
        self.nodes.len() > inner.nodes.len() && inner.nodes.iter().all(|&node| self.holds(node))
    }
}

impl NodeSpec {
    /// A node that leads nowhere yet.
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
        }
    }

    /// Names the method that does what stands here.
    #[must_use]
    pub const fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// Says where control goes.
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

    /// Says where messages go that nobody waits for.
    #[must_use]
    pub const fn sends(mut self, sends: &'static [u32]) -> Self {
        self.sends = sends;
        self
    }

    /// Says where the branches of this fork meet.
    #[must_use]
    pub const fn join(mut self, join: u32) -> Self {
        self.join = Some(join);
        self
    }

    /// Makes this node the compensation of others.
    #[must_use]
    pub const fn undoes(mut self, steps: &'static [u32]) -> Self {
        self.undoes = steps;
        self
    }

    /// Names the compensation of this step.
    #[must_use]
    pub const fn undone_by(mut self, compensation: u32) -> Self {
        self.undone_by = Some(compensation);
        self
    }

    /// Entering this node on a drawn arrow begins a rollback.
    #[must_use]
    pub const fn rolls_back(mut self) -> Self {
        self.rolls_back = true;
        self
    }

    /// Adds what else the drawing says.
    #[must_use]
    pub const fn attributes(mut self, attributes: &'static [(&'static str, &'static str)]) -> Self {
        self.attributes = attributes;
        self
    }

    /// Is this node there to undo others?
    #[must_use]
    pub const fn is_compensation(&self) -> bool {
        !self.undoes.is_empty()
    }

    /// Is this a circle, which nobody implements?
    #[must_use]
    pub const fn is_circle(&self) -> bool {
        matches!(self.kind, Kind::Start | Kind::End | Kind::Milestone)
    }
}

//! Results of runs, with the nodes of their drawing.

use std::fmt;
use std::sync::Arc;

use crate::fault::Fault;
use crate::flow::{Did, Node};
use crate::plan::NodeSpec;
use crate::run::{self, Ending, Run, State, StuckResolution, VisitOutcome};

/// A run that has ended.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let flow = shop::Flow { shop: Bookshop };
/// let ended = flow.run(Order { paid: false }).await;
/// assert_eq!(ended.outcome.to_string(), "rolled back: `Paid?` led to `Release book`");
/// assert_eq!(
///     ended.path_text(),
///     "Ordered → Reserve book → Paid? → Release book (undid `Reserve book`) → Not sold"
/// );
/// assert!(ended.faults.is_empty());
/// # }
/// ```
#[must_use = "a run may have been rolled back, or be stuck"]
#[derive(Clone, Debug)]
pub struct RunResult<N: Node, Cx> {
    /// The id of the run.
    pub run: Arc<str>,
    /// How it ended.
    pub outcome: Outcome<N>,
    /// The context as the run left it.
    pub cx: Cx,
    /// The nodes on its path, in order.
    pub path: Vec<PathEntry<N>>,
    /// Every fault that a step or compensation ended with, including those that the rollback recovered from.
    pub faults: Vec<FaultAt<N>>,
    /// All messages that the run sent, and the messages that these sent, in one list.
    ///
    /// They are runs of their own, and have ended too. The list of a message itself is empty: its messages are
    /// in the list of the initial run.
    pub messages: Vec<RunResult<N, Cx>>,
    /// The id of the run that sent it, if this run is a message.
    pub sender: Option<Arc<str>>,
    state: State,
}

/// How a run ended.
///
/// # Examples
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flowgen::{Cause, Outcome};
///
/// let flow = shop::Flow { shop: Bookshop };
/// match flow.run(Order { paid: false }).await.outcome {
///     Outcome::Completed { end: shop::End::Sold } => println!("sold"),
///     Outcome::Completed { end: shop::End::NotSold } => println!("not sold"),
///     Outcome::RolledBack { cause: Cause::Drawn { from, .. } } => assert_eq!(from, shop::Node::Paid),
///     Outcome::RolledBack { cause } | Outcome::Failed { cause } => println!("{cause}"),
///     Outcome::Stuck { pending_undos, .. } => pending_undos.iter().for_each(|undo| println!("undo {undo}")),
///     Outcome::Abandoned { .. } => println!("only runs of an engine can be abandoned"),
/// }
/// # }
/// ```
#[must_use = "a run may have been rolled back, or be stuck"]
#[derive(Clone, Debug)]
pub enum Outcome<N: Node> {
    /// The run reached this end, as drawn.
    Completed {
        /// The end.
        end: N::End,
    },
    /// The run was rolled back: everything that had to be undone is undone.
    RolledBack {
        /// The cause of the rollback.
        cause: Cause<N>,
    },
    /// Some of the pending undos failed. An operator has to resolve them.
    Stuck {
        /// The cause of the rollback.
        cause: Cause<N>,
        /// The failed undos, each with the fault of its compensation.
        pending_undos: Vec<PendingUndo<N>>,
    },
    /// The run faulted. Nothing had to be undone, and no rollback is drawn.
    Failed {
        /// The fault.
        cause: Cause<N>,
    },
    /// An operator abandoned the run, and it executes no further steps. Only runs of a durable engine end like
    /// this.
    Abandoned {
        /// The visits that remain without an undo: pending undos, failed undos, and steps in doubt.
        pending_undos: Vec<PendingUndo<N>>,
    },
}

/// The cause of a rollback; `N` is the type of its nodes.
#[derive(Clone, Debug)]
pub enum Cause<N> {
    /// An error that the drawing does not expect.
    Fault(FaultAt<N>),
    /// The drawing led to a rollback.
    Drawn {
        /// The node whose edge led there.
        from: N,
        /// The rollback trigger or compensation that control reached.
        at: N,
    },
    /// The run was cancelled.
    Cancelled,
}

/// A fault, and the node at which it occurred.
#[derive(Clone, Debug)]
pub struct FaultAt<N> {
    /// The node.
    pub node: N,
    /// Which visit of it, from 1; 0 if the node was not entered.
    pub visit: u32,
    /// The fault.
    pub fault: Fault,
}

/// A visit of a step that still has to be undone.
#[derive(Clone, Debug)]
pub struct PendingUndo<N> {
    /// The step.
    pub node: N,
    /// Which visit of it, from 1.
    pub visit: u32,
    /// The fault of its compensation, if the compensation failed for good.
    pub fault: Option<Fault>,
}

/// A node on the path of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathEntry<N> {
    /// The node.
    pub node: N,
    /// Which visit of it, from 1; 0 if the node was skipped.
    pub visit: u32,
    /// The result of the visit.
    pub outcome: VisitOutcome,
}

impl<N: Node> Outcome<N> {
    /// Whether the flow reached an end of its drawing.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        matches!(self, Self::Completed { .. })
    }

    /// Whether the flow reached this end of its drawing.
    #[must_use]
    pub fn is_completed_at(&self, wanted: N::End) -> bool {
        matches!(self, Self::Completed { end } if *end == wanted)
    }

    /// Whether undos have failed, so that an operator has to resolve them.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        matches!(self, Self::Stuck { .. })
    }

    /// Whether the run was rolled back, so that everything that had to be undone is undone.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        matches!(self, Self::RolledBack { .. })
    }

    /// The outcome of a run of this drawing, with this state and ending.
    pub fn new(state: &State, ending: &Ending) -> Self {
        match ending {
            Ending::Completed(end) => completed(node_at(*end)),
            Ending::RolledBack(why) => Self::RolledBack { cause: cause(why) },
            Ending::Stuck(why) => Self::Stuck {
                cause: cause(why),
                pending_undos: state.stuck().iter().map(pending_undo).collect(),
            },
            Ending::Failed(why) => Self::Failed { cause: cause(why) },
            Ending::Abandoned => {
                Self::Abandoned { pending_undos: state.abandoned().iter().map(pending_undo).collect() }
            }
        }
    }

    /// The cause for which the run did not complete; `None` if it completed or was abandoned.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause<N>> {
        match self {
            Self::Completed { .. } | Self::Abandoned { .. } => None,
            Self::RolledBack { cause } | Self::Stuck { cause, .. } | Self::Failed { cause } => Some(cause),
        }
    }
}

impl<N: Node> fmt::Display for Outcome<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed { end } => write!(f, "completed at {end:?}"),
            Self::RolledBack { cause } => write!(f, "rolled back: {cause}"),
            Self::Stuck { cause, pending_undos } => {
                let undos: Vec<String> = pending_undos.iter().map(ToString::to_string).collect();
                write!(f, "stuck: {cause}; pending undos: {}", undos.join(", "))
            }
            Self::Failed { cause } => write!(f, "failed: {cause}"),
            Self::Abandoned { pending_undos } if pending_undos.is_empty() => f.write_str("abandoned"),
            Self::Abandoned { pending_undos } => {
                let undos: Vec<String> = pending_undos.iter().map(ToString::to_string).collect();
                write!(f, "abandoned; pending undos: {}", undos.join(", "))
            }
        }
    }
}

impl Cause<&'static NodeSpec> {
    /// Converts the cause to the nodes of a flow; `None` if it names a node that the flow does not have.
    ///
    /// # Examples
    ///
    /// Matching a [visit's cause](crate::Visit::cause) on the nodes of the drawing:
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use flowgen::{Cause, Visit};
    ///
    /// fn letter(visit: &Visit) -> String {
    ///     match visit.cause().and_then(Cause::for_flow::<shop::Node>) {
    ///         Some(Cause::Drawn { from: shop::Node::Paid, .. }) => "Your card was declined.".to_owned(),
    ///         Some(cause) => format!("We are sorry: {cause}."),
    ///         None => "Your order is on its way.".to_owned(),
    ///     }
    /// }
    /// # use flowgen::Node;
    /// # let visit = Visit::new("order-42", shop::Node::ReleaseBook.spec(), 1);
    /// # assert_eq!(letter(&visit.clone().rolling_back(Cause::Cancelled)), "We are sorry: cancelled.");
    /// # let (from, at) = (shop::Node::Paid.spec(), shop::Node::ReleaseBook.spec());
    /// # assert_eq!(letter(&visit.clone().rolling_back(Cause::Drawn { from, at })), "Your card was declined.");
    /// # assert_eq!(letter(&visit), "Your order is on its way.");
    /// # }
    /// ```
    #[must_use]
    pub fn for_flow<N: Node>(&self) -> Option<Cause<N>> {
        let node = |spec: &NodeSpec| N::find(spec.id);
        Some(match self {
            Self::Fault(FaultAt { node: at, visit, fault }) => {
                Cause::Fault(FaultAt { node: node(at)?, visit: *visit, fault: fault.clone() })
            }
            Self::Drawn { from, at } => Cause::Drawn { from: node(from)?, at: node(at)? },
            Self::Cancelled => Cause::Cancelled,
        })
    }
}

impl<N: Node> fmt::Display for Cause<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_cause(f, self, |node| node.spec().label)
    }
}

impl fmt::Display for Cause<&'static NodeSpec> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_cause(f, self, |node| node.label)
    }
}

fn write_cause<N>(
    f: &mut fmt::Formatter<'_>,
    cause: &Cause<N>,
    label: impl Fn(&N) -> &'static str,
) -> fmt::Result {
    match cause {
        Cause::Fault(at) => write!(f, "`{}` faulted: {:#}", label(&at.node), at.fault),
        Cause::Drawn { from, at } => write!(f, "`{}` led to `{}`", label(from), label(at)),
        Cause::Cancelled => f.write_str("cancelled"),
    }
}

impl<N: Node> fmt::Display for FaultAt<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` faulted: {:#}", self.node.spec().label, self.fault)
    }
}

impl<N: Node> fmt::Display for PendingUndo<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.node.spec().label)?;
        self.fault.iter().try_for_each(|fault| write!(f, " ({fault:#})"))
    }
}

impl<N: Node> fmt::Display for PathEntry<N> {
    /// Writes the label, and the result unless the node was simply passed or done.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.node.spec().label)?;
        let label = |node: u32| N::PLAN.node(node).map_or("?", |spec| spec.label);
        match self.outcome {
            VisitOutcome::Passed | VisitOutcome::Done => Ok(()),
            VisitOutcome::NotDone => f.write_str(" (not done)"),
            VisitOutcome::InDoubt => f.write_str(" (in doubt)"),
            VisitOutcome::Faulted => f.write_str(" (faulted)"),
            VisitOutcome::Undone { node, .. } => write!(f, " (undid `{}`)", label(node)),
            VisitOutcome::UndoneByHand { node, .. } => write!(f, " (`{}` was undone by hand)", label(node)),
            VisitOutcome::Waived { node, .. } => write!(f, " (`{}` is not to be undone)", label(node)),
            VisitOutcome::UndoFailed { node, .. } => write!(f, " (could not undo `{}`)", label(node)),
            VisitOutcome::Asked(Did::Done(())) => f.write_str(" (asked: done)"),
            VisitOutcome::Asked(Did::NotDone) => f.write_str(" (asked: not done)"),
            VisitOutcome::Asked(Did::Unknown) => f.write_str(" (asked: unknown)"),
            VisitOutcome::NothingToUndo => f.write_str(" (nothing to undo)"),
        }
    }
}

impl<N: Node, Cx> RunResult<N, Cx> {
    /// Builds the result of a run of this drawing and of the messages that it sent.
    ///
    /// For engines. The ending is that of [`State::ending`](run::State::ending), or of
    /// [`Runner::drive`](crate::Runner::drive).
    pub fn new(run: Run<Cx>, ending: &Ending, messages: Vec<Self>) -> Self {
        let state = run.state();
        let outcome = Outcome::new(state, ending);
        let path = state.path().iter().map(path_entry).collect();
        let faults = state.faults().iter().map(fault_at).collect();
        let (run, state, cx) = run.into_parts();
        Self { run, outcome, cx, path, faults, messages, sender: None, state }
    }

    pub(crate) const fn state(&self) -> &State {
        &self.state
    }

    /// Marks this run as a message sent by `sender`. For engines.
    pub fn sent_by(self, sender: Arc<str>) -> Self {
        Self { sender: Some(sender), ..self }
    }

    /// Splits this into the run and its messages.
    pub(crate) fn into_run(self) -> (Run<Cx>, Vec<Self>) {
        (Run::from_parts(self.run, N::PLAN.hash, self.state, self.cx), self.messages)
    }

    /// Resolves a failed undo, which is given by its step and visit: the run no longer has to undo that visit.
    /// Returns whether there was such a failed undo.
    ///
    /// The path records the resolution. After the last one, the run is no longer stuck, and `outcome` is
    /// [`Outcome::RolledBack`]. To retry the compensations instead, see
    /// [`Runner::retry_stuck`](crate::Runner::retry_stuck).
    ///
    /// # Examples
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/bookshop.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use flowgen::{Outcome, StuckResolution};
    ///
    /// let flow = shop::Flow { shop: Bookshop };
    /// let mut ended = flow.run(Order { paid: false }).await;
    /// if let Outcome::Stuck { pending_undos, .. } = ended.outcome.clone() {
    ///     for undo in pending_undos {
    ///         println!("put the book back: {undo}");
    ///         assert!(ended.resolve_stuck(undo.node, undo.visit, StuckResolution::UndoneByHand));
    ///     }
    /// }
    /// assert!(ended.outcome.is_rolled_back());
    /// # }
    /// ```
    pub fn resolve_stuck(&mut self, node: N, visit: u32, resolution: StuckResolution) -> bool {
        let was_stuck = {
            let step = node.index();
            self.state.discharge(N::PLAN.undone_by(step), (step, visit), resolution)
        };
        self.path = self.state.path().iter().map(path_entry).collect();
        if let Some(ending) = self.state.ending() {
            self.outcome = Outcome::new(&self.state, ending);
        }
        was_stuck
    }

    /// The path as text: labels joined by arrows.
    #[must_use]
    pub fn path_text(&self) -> String {
        let entries: Vec<String> = self.path.iter().map(ToString::to_string).collect();
        entries.join(" → ")
    }

    /// The steps that were undone, in the order of their undos.
    pub fn undone(&self) -> impl Iterator<Item = N> {
        self.path.iter().filter_map(|path_entry| match path_entry.outcome {
            VisitOutcome::Undone { node, .. } => Some(node_at(node)),
            _ => None,
        })
    }
}

/// Returns the node with this index. A state is made from a plan, so the index is valid.
pub(crate) fn node_at<N: Node>(node: u32) -> N {
    N::ALL[node as usize]
}

fn completed<N: Node>(node: N) -> Outcome<N> {
    if let Some(end) = node.end() {
        return Outcome::Completed { end };
    }
    let fault = Fault::new("the flow ended where its drawing has no end");
    Outcome::Failed { cause: Cause::Fault(FaultAt { node, visit: 0, fault }) }
}

fn cause<N: Node>(cause: &run::Cause) -> Cause<N> {
    match cause {
        run::Cause::Fault(at) => Cause::Fault(fault_at(at)),
        run::Cause::Drawn { from, at } => Cause::Drawn { from: node_at(*from), at: node_at(*at) },
        run::Cause::Cancelled => Cause::Cancelled,
    }
}

fn fault_at<N: Node>(at: &run::FaultAt) -> FaultAt<N> {
    FaultAt { node: node_at(at.node), visit: at.visit, fault: at.fault.clone() }
}

fn pending_undo<N: Node>(undo: &run::PendingUndo) -> PendingUndo<N> {
    PendingUndo { node: node_at(undo.node), visit: undo.visit, fault: undo.fault.clone() }
}

fn path_entry<N: Node>(path_entry: &run::PathEntry) -> PathEntry<N> {
    PathEntry { node: node_at(path_entry.node), visit: path_entry.visit, outcome: path_entry.outcome }
}

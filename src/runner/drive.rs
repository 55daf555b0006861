//! Driving a run: doing what is due, and waiting.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::Runner;
use super::observer::{Event, Observer};
use super::timing::Timing;
use super::together::{Halt, Signal, Together, race, yield_now};
use crate::fault::{Fault, Result};
use crate::flow::{Flow, Next, Node};
use crate::outcome::node_at;
use crate::plan::{NodeSpec, Plan};
use crate::run::{Cause, Due, Ending, Interpreter, PlaceId, Run};
use crate::visit::Visit;

/// A run that is being driven.
struct Drive<'d, 'f, F, T, O, Cx> {
    runner: &'d Runner<'f, F, T, O>,
    interpreter: Interpreter<Cx>,
    run: &'d mut Run<Cx>,
}

/// The place that every branch goes back to.
const ROOT: PlaceId = 0;

/// A run that is not over has something due or begun, so this is never told.
const NOTHING_DUE: Ending = Ending::Stuck(Cause::Cancelled);

/// After so many turns other tasks get theirs, however ready the steps of this run are.
const TURNS: u32 = 64;

/// What came of waiting for branches.
enum Came<N: 'static, Cx> {
    Settled(PlaceId, Cx, Result<Next<N>, Unsaid>),
    Cancelled,
}

impl<F, T, O> Runner<'_, F, T, O>
where
    F: Sync,
    T: Timing,
    O: Observer,
{
    /// Moves a run on until it is over; when `cancel` comes, rolls it back.
    ///
    /// Messages that the run sends stay in it, see [`Run::take_messages`].
    ///
    /// Dropped before that, the run stays what it is: what was being done is due again when the run
    /// is driven on, under the same idempotency key. Only the context that a branch of a fork was
    /// working with is lost, and the branch faults.
    pub async fn drive<Cx: Send>(&self, run: &mut Run<Cx>, cancel: impl Future<Output = ()> + Send) -> Ending
    where
        F: Flow<Cx>,
    {
        self.drive_with(run, cancel, |_| ()).await
    }

    /// Drives a run; `look` sees it whenever it has moved.
    pub(super) async fn drive_with<Cx: Send>(
        &self,
        run: &mut Run<Cx>,
        cancel: impl Future<Output = ()> + Send,
        look: impl Fn(&mut Run<Cx>) + Send,
    ) -> Ending
    where
        F: Flow<Cx>,
    {
        let cancel = pin!(cancel);
        let mut cancel = Signal::new(cancel);
        let interpreter = Interpreter::of::<F>();
        interpreter.interrupt(run);
        let mut drive = Drive { runner: self, interpreter, run };
        let halt = Halt::default();
        let mut branches = Together::new();
        for turn in 1_u32.. {
            if turn % TURNS == 0 {
                yield_now().await;
            }
            drive.tell();
            look(drive.run);
            if let Some(ending) = drive.run.state().ending() {
                return ending.clone();
            }
            if poll_fn(|task| Poll::Ready(cancel.comes(task))).await {
                drive.interpreter.cancel(drive.run);
                continue;
            }
            halt.set(drive.run.state().is_aborting());
            match drive.first_due() {
                Some(Due { place: ROOT, node, .. }) => {
                    drive.at_root(node, &mut cancel, &halt).await;
                    continue;
                }
                None if branches.is_empty() => return NOTHING_DUE,
                _ => {}
            }
            while let Some(due) = drive.first_due().filter(|due| due.place != ROOT) {
                if let Some((visit, context)) = drive.lend(due) {
                    branches.push(self.branch(due, visit, context, &halt));
                }
            }
            if !branches.is_empty() {
                let came = poll_fn(|task| {
                    if cancel.comes(task) {
                        return Poll::Ready(Came::Cancelled);
                    }
                    branches.poll_any(task).map(|(place, cx, said)| Came::Settled(place, cx, said))
                });
                drive.came(came.await);
            }
        }
        NOTHING_DUE
    }

    async fn branch<Cx: Send>(
        &self,
        due: Due,
        visit: Visit,
        mut context: Cx,
        halt: &Halt,
    ) -> (PlaceId, Cx, Result<Next<F::Node>, Unsaid>)
    where
        F: Flow<Cx>,
    {
        let said = self.attempts(due.node, &mut context, visit, halt).await;
        (due.place, context, said)
    }

    /// Does what stands at a node, once it is its turn. Who waits to try again holds up nobody.
    /// `None` where the run was stopped before.
    pub(super) async fn attempt<Cx: Send>(
        &self,
        at: u32,
        cx: &mut Cx,
        visit: &Visit,
        halt: &Halt,
    ) -> Option<Result<Next<F::Node>>>
    where
        F: Flow<Cx>,
    {
        let node = visit.node();
        let _permit = race(self.limits.enter(at, node), halt.comes()).await.ok()?;
        self.observer.observe(&Event::Entered { visit });
        let step = self.flow.step(node_at(at), cx, visit);
        Some(self.timing.in_time(at, node, super::spanned(step, visit, lane(F::Node::PLAN, node))).await)
    }

    /// Does what stands at a node, as often as its policy allows, or until the run is stopped.
    async fn attempts<Cx: Send>(
        &self,
        at: u32,
        cx: &mut Cx,
        mut visit: Visit,
        halt: &Halt,
    ) -> Result<Next<F::Node>, Unsaid>
    where
        F: Flow<Cx>,
    {
        let node = visit.node();
        let mut pauses = self.timing.retry(at, node).map(|retry| (retry, retry.pauses_of(&visit)));
        let mut last = Unsaid::NotBegun;
        loop {
            let fault = match self.attempt(at, cx, &visit, halt).await {
                Some(Ok(next)) => return Ok(next),
                Some(Err(fault)) => fault,
                None => return Err(last),
            };
            let retry = pauses.as_mut().filter(|(retry, _)| retry.applies_to(&fault));
            let Some(after) = retry.and_then(|(_, pauses)| pauses.next()) else {
                return Err(Unsaid::Fault(fault));
            };
            self.observer.observe(&Event::Retrying { visit: &visit, fault: &fault, after });
            last = Unsaid::Fault(fault);
            if race(self.timing.pause(after), halt.comes()).await.is_err() {
                return Err(last);
            }
            visit = visit.clone().at_attempt(visit.attempt() + 1);
        }
    }
}

/// Why a node said nothing.
enum Unsaid {
    /// It faulted, for good.
    Fault(Fault),
    /// The run was stopped before it was its turn.
    NotBegun,
}

fn lane(plan: &Plan, node: &NodeSpec) -> &'static str {
    plan.lanes.get(node.lane as usize).map_or("", |lane| lane.name)
}

impl<F, T, O, Cx> Drive<'_, '_, F, T, O, Cx>
where
    F: Flow<Cx>,
    T: Timing,
    O: Observer,
    Cx: Send,
{
    fn first_due(&self) -> Option<Due> {
        self.run.state().due().next()
    }

    /// The root is due, so no branch is alive: its step borrows the context where it is.
    async fn at_root(
        &mut self,
        node: u32,
        cancel: &mut Signal<'_, impl Future<Output = ()> + Send>,
        halt: &Halt,
    ) {
        let Some(visit) = self.interpreter.begin(self.run, ROOT) else { return };
        let is_forward = !self.run.state().is_rolling_back();
        let (said, cancelled) = {
            let mut step = pin!(self.runner.attempts(node, self.run.context_mut(), visit, halt));
            let mut cancelled = false;
            poll_fn(|task| {
                cancelled |= cancel.comes(task);
                halt.set(cancelled && is_forward);
                step.as_mut().poll(task).map(|said| (said, cancelled))
            })
            .await
        };
        if cancelled {
            self.interpreter.cancel(self.run);
        }
        self.settle(ROOT, said);
    }

    fn settle(&mut self, place: PlaceId, said: Result<Next<F::Node>, Unsaid>) {
        match said {
            Ok(next) => self.interpreter.settle_next(self.run, place, Ok(next)),
            Err(Unsaid::Fault(fault)) => self.interpreter.settle(self.run, place, Err(fault)),
            Err(Unsaid::NotBegun) => self.interpreter.release(self.run, place),
        }
    }

    /// Begins a branch's step and takes its context. A branch that has none faults.
    fn lend(&mut self, due: Due) -> Option<(Visit, Cx)> {
        let visit = self.interpreter.begin(self.run, due.place)?;
        let Some(context) = self.run.lend(due.place) else {
            let fault =
                Fault::new("this branch of the fork has no context: `Flow::fork` gave none, or it was lost");
            self.interpreter.settle(self.run, due.place, Err(fault));
            return None;
        };
        Some((visit, context))
    }

    fn came(&mut self, came: Came<F::Node, Cx>) {
        match came {
            Came::Cancelled => self.interpreter.cancel(self.run),
            Came::Settled(place, context, said) => {
                self.run.give_back(place, context);
                self.settle(place, said);
            }
        }
    }

    /// Tells the observer what is behind the run since it was last told.
    fn tell(&mut self) {
        for walked in self.run.untold() {
            let node = F::Node::PLAN.nodes.get(walked.node as usize);
            let Some(node) = node else { continue };
            let (nth, trace) = (walked.nth, walked.trace);
            self.runner.observer.observe(&Event::Left { run: self.run.id(), node, nth, trace });
        }
        self.run.all_told();
        if let Some(ending) = self.run.state().ending() {
            self.runner.observer.observe(&Event::Ended { run: self.run.id(), ending });
        }
    }
}

//! Driving a run: doing what is due, and waiting.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use super::Runner;
use super::observer::{Event, Observer};
use super::timing::Timing;
use super::together::{Signal, Together};
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

/// What came of waiting for branches.
enum Came<N: 'static, Cx> {
    Settled(PlaceId, Cx, Result<Next<N>>),
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
        let mut branches = Together::new();
        loop {
            drive.tell();
            look(drive.run);
            if let Some(ending) = drive.run.state().ending() {
                return ending.clone();
            }
            if poll_fn(|task| Poll::Ready(cancel.comes(task))).await {
                drive.interpreter.cancel(drive.run);
                continue;
            }
            match drive.first_due() {
                Some(Due { place: ROOT, node, .. }) => {
                    drive.at_root(node, &mut cancel).await;
                    continue;
                }
                None if branches.is_empty() => return NOTHING_DUE,
                _ => {}
            }
            while let Some(due) = drive.first_due().filter(|due| due.place != ROOT) {
                if let Some((visit, context)) = drive.lend(due) {
                    branches.push(self.branch(due, visit, context));
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
    }

    async fn branch<Cx: Send>(
        &self,
        due: Due,
        visit: Visit,
        mut context: Cx,
    ) -> (PlaceId, Cx, Result<Next<F::Node>>)
    where
        F: Flow<Cx>,
    {
        let said = self.attempts(due.node, &mut context, visit).await;
        (due.place, context, said)
    }

    /// Does what stands at a node, once it is its turn. Who waits to try again holds up nobody.
    async fn attempt<Cx: Send>(&self, at: u32, cx: &mut Cx, visit: &Visit) -> Result<Next<F::Node>>
    where
        F: Flow<Cx>,
    {
        let node = visit.node();
        let _permit = self.limits.enter(at, node).await;
        self.observer.observe(&Event::Entered { visit });
        let step = self.flow.step(node_at(at), cx, visit);
        self.timing.in_time(at, node, super::spanned(step, visit, lane(F::Node::PLAN, node))).await
    }

    /// Does what stands at a node, as often as its policy allows.
    async fn attempts<Cx: Send>(&self, at: u32, cx: &mut Cx, mut visit: Visit) -> Result<Next<F::Node>>
    where
        F: Flow<Cx>,
    {
        let node = visit.node();
        let mut pauses = self.timing.retry(at, node).map(|retry| (retry, retry.pauses()));
        loop {
            let fault = match self.attempt(at, cx, &visit).await {
                Ok(next) => return Ok(next),
                Err(fault) => fault,
            };
            let retry = pauses.as_mut().filter(|(retry, _)| retry.applies_to(&fault));
            let Some(after) = retry.and_then(|(_, pauses)| pauses.next()) else { return Err(fault) };
            self.observer.observe(&Event::Retrying { visit: &visit, fault: &fault, after });
            self.timing.pause(after).await;
            visit = visit.clone().at_attempt(visit.attempt() + 1);
        }
    }
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
    async fn at_root(&mut self, node: u32, cancel: &mut Signal<'_, impl Future<Output = ()> + Send>) {
        let Some(visit) = self.interpreter.begin(self.run, 0) else { return };
        let (said, cancelled) = {
            let mut step = pin!(self.runner.attempts(node, self.run.context_mut(), visit));
            let mut cancelled = false;
            poll_fn(|task| {
                cancelled |= cancel.comes(task);
                step.as_mut().poll(task).map(|said| (said, cancelled))
            })
            .await
        };
        if cancelled {
            self.interpreter.cancel(self.run);
        }
        self.interpreter.settle_next(self.run, 0, said);
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
                self.interpreter.settle_next(self.run, place, said);
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

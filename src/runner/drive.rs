//! Drives a run: executes its due nodes, and waits.
//!
//! Futures that contain a step are pinned before they are awaited: `.await` copies its operand, and these
//! futures are as large as the largest step of the flow.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::Runner;
use super::attempt::{Arrived, Begun, Came, Work};
use super::keeper::Keeper;
use super::observer::{Event, Observer};
use super::timing::Timing;
use super::together::{Halt, Signal, Together, yield_now};
use crate::flow::{Flow, Node};
use crate::run::{Cause, Due, Ending, Interpreter, PlaceId, Run};

/// A run that is being driven.
struct Drive<'d, F, T, O, K, Cx> {
    runner: &'d Runner<F, T, O>,
    interpreter: Interpreter<Cx>,
    run: &'d mut Run<Cx>,
    keeper: &'d mut K,
    halt: &'d Halt,
    /// Visits that were begun and will be executed after the next checkpoint. The root and branches are never
    /// due at the same time.
    root: Option<Begun>,
    branches: Vec<Begun>,
    /// Whether the run has changed since the last checkpoint.
    has_changed: bool,
}

/// The root, into which all branches merge.
const ROOT: PlaceId = 0;

/// Unreachable: a run that has not ended has a due or begun node.
const NOTHING_DUE: Ending = Ending::Stuck(Cause::Cancelled);

/// After this many turns the task yields to others, even if more steps are ready.
const TURNS: u8 = 64;

/// The signals to a driven run: cancel, and pause.
struct Signals<'s, C, P> {
    cancel: Signal<'s, C>,
    pause: Signal<'s, P>,
}

impl<C: Future<Output = ()>, P: Future<Output = ()>> Signals<'_, C, P> {
    /// Polls both signals, and returns whether one of them has just arrived.
    fn come(&mut self, task: &mut Context<'_>) -> bool {
        let cancel = self.cancel.comes(task);
        self.pause.comes(task) || cancel
    }
}

impl<F: Sync, T: Timing, O: Observer> Runner<F, T, O> {
    /// Drives a run to its end. Rolls it back once `cancel` completes.
    ///
    /// Messages that the run sends remain in it, see [`Run::take_messages`].
    ///
    /// If the future is dropped earlier, the run keeps its state: active nodes are due again when the run is
    /// driven the next time, under the same idempotency keys. Only a context that a branch of a fork had
    /// borrowed is lost, and that branch faults.
    pub async fn drive<Cx: Send>(&self, run: &mut Run<Cx>, cancel: impl Future<Output = ()> + Send) -> Ending
    where
        F: Flow<Cx>,
    {
        let Ok(ending) = pin!(self.drive_safely(run, &mut (), cancel)).await;
        ending
    }

    pub(super) async fn drive_safely<Cx: Send, K: Keeper<Cx, Error = Infallible>>(
        &self,
        run: &mut Run<Cx>,
        keeper: &mut K,
        cancel: impl Future<Output = ()> + Send,
    ) -> Result<Ending, Infallible>
    where
        F: Flow<Cx>,
    {
        let ending = pin!(self.drive_kept(run, keeper, cancel, pending())).await?;
        Ok(ending.unwrap_or(NOTHING_DUE))
    }

    /// Like [`Runner::drive`], but saves the run with `keeper` before and after each step.
    ///
    /// Once `pause` completes, no further node is begun. Active steps are finished and saved, and the result is
    /// `None`: the run continues when it is driven the next time. Nodes that wait for a permit or a retry stop
    /// waiting.
    ///
    /// Each retried fault is saved, and each retry is saved before it is made, so a retry policy applies to all
    /// drives of a run together. An interrupted attempt uses up no retry. It is repeated, unless the run is
    /// about to roll back.
    ///
    /// # Errors
    ///
    /// If the run could not be saved. It has to be restored from the last checkpoint and driven from there.
    pub async fn drive_kept<Cx: Send, K: Keeper<Cx>>(
        &self,
        run: &mut Run<Cx>,
        keeper: &mut K,
        cancel: impl Future<Output = ()> + Send,
        pause: impl Future<Output = ()> + Send,
    ) -> Result<Option<Ending>, K::Error>
    where
        F: Flow<Cx>,
    {
        let (cancel, pause) = (pin!(cancel), pin!(pause));
        let mut signals = Signals { cancel: Signal::new(cancel), pause: Signal::new(pause) };
        let interpreter = Interpreter::of::<F>();
        interpreter.interrupt(run);
        let halt = Halt::default();
        let (root, branches, has_changed) = (None, Vec::new(), true);
        let mut drive =
            Drive { runner: self, interpreter, run, keeper, halt: &halt, root, branches, has_changed };
        let mut doing = Together::new();
        let mut arrived = Vec::new();
        let mut turn = 0;
        loop {
            turn = (turn + 1) % TURNS;
            if turn == 0 {
                yield_now().await;
            }
            poll_fn(|task| Poll::Ready(signals.come(task))).await;
            drive.heed(&signals);
            if !signals.pause.has_come() {
                drive.begin();
            }
            drive.keep(&mut doing, &mut arrived).await?;
            drive.tell();
            if let Some(ending) = drive.run.state().ending() {
                return Ok(Some(ending.clone()));
            }
            if let Some(mut begun) = drive.root.take() {
                let came = pin!(drive.at_root(&begun, &mut signals)).await;
                drive.heed(&signals);
                drive.discard_changes(begun.place, &came).await;
                if let Some(after) = drive.settle(&mut begun, came) {
                    doing.push(self.work(Work::Rest(begun, after), &halt));
                }
                continue;
            }
            for begun in drive.branches.drain(..) {
                if let Some(context) = drive.run.lend(begun.place) {
                    doing.push(self.work(Work::Attempt(begun, context), &halt));
                }
            }
            if arrived.is_empty() && doing.is_empty() {
                return Ok(Some(NOTHING_DUE).filter(|_| !signals.pause.has_come()));
            }
            if arrived.is_empty() {
                poll_fn(|task| {
                    let signalled = signals.come(task);
                    doing.poll_all(task, &mut arrived);
                    if signalled || !arrived.is_empty() { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
            }
            drive.heed(&signals);
            for one in arrived.drain(..) {
                if let Some((begun, after)) = drive.take(one).await {
                    doing.push(self.work(Work::Rest(begun, after), &halt));
                }
            }
        }
    }
}

impl<F, T, O, K, Cx> Drive<'_, F, T, O, K, Cx>
where
    F: Flow<Cx>,
    T: Timing,
    O: Observer,
    K: Keeper<Cx>,
    Cx: Send,
{
    /// Applies the signals that have arrived.
    fn heed<C, P>(&mut self, signals: &Signals<'_, C, P>) {
        if signals.cancel.has_come() && !self.run.state().is_rolling_back() {
            self.interpreter.cancel(self.run);
            self.has_changed = true;
        }
        self.halt.set(self.run.state().is_aborting(), signals.pause.has_come());
    }

    fn first_due(&self) -> Option<Due> {
        self.run.state().due().next()
    }

    /// Begins all due nodes. A branch without a context faults.
    fn begin(&mut self) {
        while let Some(due) = self.first_due() {
            let Some(visit) = self.interpreter.begin(self.run, due.place) else { return };
            self.has_changed = true;
            let begun = self.runner.begun(due.place, due.node, visit, None);
            if self.run.context_at(due.place).is_some() {
                self.ready(begun);
            } else {
                let fault = self.run.why_no_context(due.place);
                self.interpreter.settle(self.run, due.place, Err(fault));
            }
        }
    }

    fn ready(&mut self, begun: Begun) {
        if begun.place == ROOT {
            self.root = Some(begun);
        } else {
            self.branches.push(begun);
        }
    }

    /// Saves the run if it has changed, while branches continue their steps.
    async fn keep<W: Future>(
        &mut self,
        doing: &mut Together<W>,
        arrived: &mut Vec<W::Output>,
    ) -> Result<(), K::Error> {
        if !std::mem::take(&mut self.has_changed) {
            return Ok(());
        }
        let mut kept = pin!(self.keeper.keep(self.run));
        poll_fn(|task| {
            let kept = kept.as_mut().poll(task);
            if kept.is_pending() {
                doing.poll_all(task, arrived);
            }
            kept
        })
        .await
    }

    /// Executes the begun step of the root. No branch exists then, so the step borrows the context in place.
    async fn at_root<C, P>(&mut self, begun: &Begun, signals: &mut Signals<'_, C, P>) -> Came<F::Node>
    where
        C: Future<Output = ()>,
        P: Future<Output = ()>,
    {
        let is_rolling_back = self.run.state().is_rolling_back();
        let is_aborting = self.run.state().is_aborting();
        let mut attempt = pin!(self.runner.attempt(begun, self.run.context_mut(), self.halt));
        poll_fn(|task| {
            signals.come(task);
            let is_cancelled = signals.cancel.has_come() && !is_rolling_back;
            self.halt.set(is_aborting || is_cancelled, signals.pause.has_come());
            attempt.as_mut().poll(task)
        })
        .await
    }

    /// Takes the result of a branch's attempt or of a backoff. Returns a visit to retry, with its backoff.
    async fn take(&mut self, arrived: Arrived<F::Node, Cx>) -> Option<(Begun, Duration)> {
        let Arrived { mut begun, context, came } = arrived;
        if let Some(context) = context {
            self.run.give_back(begun.place, *context);
            self.discard_changes(begun.place, &came).await;
        }
        let after = self.settle(&mut begun, came)?;
        Some((begun, after))
    }

    /// Discards the changes of a failed attempt to the context, if the keeper has the previous context.
    async fn discard_changes(&mut self, place: PlaceId, came: &Came<F::Node>) {
        if !matches!(came, Came::Made(Err(_))) {
            return;
        }
        if let Some(context) = self.keeper.context_before(place).await {
            self.run.replace_context(place, context);
        }
    }

    /// Settles the result of an attempt or a backoff, once the run has its context again. Returns the backoff
    /// before a retry.
    fn settle(&mut self, begun: &mut Begun, came: Came<F::Node>) -> Option<Duration> {
        let place = begun.place;
        self.has_changed = true;
        match came {
            Came::Made(Err(fault)) => {
                if let Some(after) = self.runner.rest(begun, &fault)
                    && self.interpreter.rest(self.run, place, &fault)
                {
                    let visit = &begun.visit;
                    self.runner.tell(&Event::Retrying { visit, fault: &fault, after });
                    begun.last = Some(fault);
                    return Some(after);
                }
                self.interpreter.settle(self.run, place, Err(fault));
            }
            Came::Made(said) => self.interpreter.settle_next(self.run, place, said),
            Came::Halted | Came::Rested => self.settle_unmade(begun, came),
        }
        None
    }

    /// Settles a visit without a new attempt: it was stopped, or its backoff has ended.
    fn settle_unmade(&mut self, begun: &mut Begun, came: Came<F::Node>) {
        let place = begun.place;
        let is_stopped = self.run.state().is_aborting() && !begun.undoes();
        match (came, begun.last.take_if(|_| is_stopped)) {
            (_, Some(last)) => self.interpreter.settle(self.run, place, Err(last)),
            (Came::Halted, None) => self.interpreter.release(self.run, place),
            // The next drive of the run makes the retry.
            _ if self.halt.is_pausing() => {}
            _ => {
                if let Some(visit) = self.interpreter.begin_again(self.run, place) {
                    let again = self.runner.begun(place, begun.node, visit, begun.last.take());
                    self.ready(again);
                }
            }
        }
    }

    /// Notifies the observer of the new part of the path, and of the end of the run.
    fn tell(&mut self) {
        for walked in self.run.untold() {
            let node = F::Node::PLAN.nodes.get(walked.node as usize);
            let Some(node) = node else { continue };
            let (nth, trace) = (walked.nth, walked.trace);
            self.runner.tell(&Event::Left { run: self.run.id(), node, nth, trace });
        }
        self.run.all_told();
        if let Some(ending) = self.run.state().ending() {
            self.runner.tell(&Event::Ended { run: self.run.id(), ending });
        }
    }
}

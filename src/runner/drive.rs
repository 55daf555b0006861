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
use super::attempt::{Attempt, AttemptOutcome, Completed, Work};
use super::checkpointer::Checkpointer;
use super::futures::{FutureSet, Signal, StopSignal, yield_now};
use super::observer::{Event, Observer};
use super::timing::Timing;
use crate::fault::Fault;
use crate::flow::{Flow, Node};
use crate::run::{BranchId, Cause, Due, Ending, FaultAt, Interpreter, Run};

/// A run that is being driven.
struct Drive<'d, F, T, O, K, Cx> {
    runner: &'d Runner<F, T, O>,
    interpreter: Interpreter<Cx>,
    run: &'d mut Run<Cx>,
    checkpointer: &'d mut K,
    stop: &'d StopSignal,
    /// Attempts of begun visits, which are executed after the next checkpoint. The root and branches are never
    /// due at the same time.
    root: Option<Attempt>,
    branches: Vec<Attempt>,
    /// Whether the run has changed since the last checkpoint.
    has_changed: bool,
}

/// The root, into which all branches merge.
const ROOT: BranchId = 0;

/// The ending of a run that has not ended and has neither a due nor a begun node. Only a bug of the interpreter can
/// lead there.
fn nothing_due() -> Ending {
    let fault = Fault::new("no node of the run is due, and the run has not ended");
    Ending::Failed(Cause::Fault(FaultAt { node: 0, visit: 0, fault }))
}

/// After this many turns the task yields to others, even if more steps are ready.
const TURNS: u8 = 64;

/// The signals to a driven run: cancel, and pause.
struct Signals<'s, C, P> {
    cancel: Signal<'s, C>,
    pause: Signal<'s, P>,
}

impl<C: Future<Output = ()>, P: Future<Output = ()>> Signals<'_, C, P> {
    /// Polls both signals, and returns whether one of them has just arrived.
    fn poll(&mut self, task: &mut Context<'_>) -> bool {
        let cancel = self.cancel.poll_fired(task);
        self.pause.poll_fired(task) || cancel
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
        let Ok(ending) = pin!(self.drive_infallible(run, &mut (), cancel)).await;
        ending
    }

    pub(super) async fn drive_infallible<Cx: Send, K: Checkpointer<Cx, Error = Infallible>>(
        &self,
        run: &mut Run<Cx>,
        checkpointer: &mut K,
        cancel: impl Future<Output = ()> + Send,
    ) -> Result<Ending, Infallible>
    where
        F: Flow<Cx>,
    {
        let ending = pin!(self.drive_with(run, checkpointer, cancel, pending())).await?;
        Ok(ending.unwrap_or_else(nothing_due))
    }

    /// Like [`Runner::drive`], but saves the run with `checkpointer` before and after each step.
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
    pub async fn drive_with<Cx: Send, K: Checkpointer<Cx>>(
        &self,
        run: &mut Run<Cx>,
        checkpointer: &mut K,
        cancel: impl Future<Output = ()> + Send,
        pause: impl Future<Output = ()> + Send,
    ) -> Result<Option<Ending>, K::Error>
    where
        F: Flow<Cx>,
    {
        let (cancel, pause) = (pin!(cancel), pin!(pause));
        let mut signals = Signals { cancel: Signal::new(cancel), pause: Signal::new(pause) };
        let interpreter = Interpreter::for_flow::<F>();
        interpreter.interrupt(run);
        let stop = StopSignal::default();
        let (root, branches, has_changed) = (None, Vec::new(), true);
        let mut drive =
            Drive { runner: self, interpreter, run, checkpointer, stop: &stop, root, branches, has_changed };
        let mut doing = FutureSet::new();
        let mut completed = Vec::new();
        let mut turn = 0;
        loop {
            turn = (turn + 1) % TURNS;
            if turn == 0 {
                yield_now().await;
            }
            poll_fn(|task| Poll::Ready(signals.poll(task))).await;
            drive.apply_signals(&signals);
            if !signals.pause.has_fired() {
                drive.begin();
            }
            drive.checkpoint(&mut doing, &mut completed).await?;
            drive.notify_observer();
            if let Some(ending) = drive.run.state().ending() {
                return Ok(Some(ending.clone()));
            }
            if let Some(mut attempt) = drive.root.take() {
                let outcome = pin!(drive.at_root(&attempt, &mut signals)).await;
                drive.apply_signals(&signals);
                drive.discard_changes(attempt.branch, &outcome).await;
                if let Some(after) = drive.settle(&mut attempt, outcome) {
                    doing.push(self.work(Work::Backoff(attempt, after), &stop));
                }
                continue;
            }
            for attempt in drive.branches.drain(..) {
                if let Some(context) = drive.run.lend(attempt.branch) {
                    doing.push(self.work(Work::Attempt(attempt, context), &stop));
                }
            }
            if completed.is_empty() && doing.is_empty() {
                return Ok((!signals.pause.has_fired()).then(nothing_due));
            }
            if completed.is_empty() {
                poll_fn(|task| {
                    let signalled = signals.poll(task);
                    doing.poll_all(task, &mut completed);
                    if signalled || !completed.is_empty() { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
            }
            drive.apply_signals(&signals);
            for one in completed.drain(..) {
                if let Some((attempt, after)) = drive.take(one).await {
                    doing.push(self.work(Work::Backoff(attempt, after), &stop));
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
    K: Checkpointer<Cx>,
    Cx: Send,
{
    /// Applies the signals that have arrived.
    fn apply_signals<C, P>(&mut self, signals: &Signals<'_, C, P>) {
        if signals.cancel.has_fired() && !self.run.state().is_rolling_back() {
            self.interpreter.cancel(self.run);
            self.has_changed = true;
        }
        self.stop.set(self.run.state().is_stopping(), signals.pause.has_fired());
    }

    fn first_due(&self) -> Option<Due> {
        self.run.state().due().next()
    }

    /// Begins all due nodes. A branch without a context faults.
    fn begin(&mut self) {
        while let Some(due) = self.first_due() {
            let Some(visit) = self.interpreter.begin(self.run, due.branch) else { return };
            self.has_changed = true;
            let attempt = self.runner.prepare(due.branch, due.node, visit, None);
            if self.run.context_at(due.branch).is_some() {
                self.ready(attempt);
            } else {
                let fault = self.run.why_no_context(due.branch);
                self.interpreter.settle(self.run, due.branch, Err(fault));
            }
        }
    }

    fn ready(&mut self, attempt: Attempt) {
        if attempt.branch == ROOT {
            self.root = Some(attempt);
        } else {
            self.branches.push(attempt);
        }
    }

    /// Saves the run if it has changed, while branches continue their steps.
    async fn checkpoint<W: Future>(
        &mut self,
        doing: &mut FutureSet<W>,
        completed: &mut Vec<W::Output>,
    ) -> Result<(), K::Error> {
        if !std::mem::take(&mut self.has_changed) {
            return Ok(());
        }
        let mut saving = pin!(self.checkpointer.checkpoint(self.run));
        poll_fn(|task| {
            let saved = saving.as_mut().poll(task);
            if saved.is_pending() {
                doing.poll_all(task, completed);
            }
            saved
        })
        .await
    }

    /// Executes the begun step of the root. No branch exists then, so the step borrows the context in place.
    async fn at_root<C, P>(
        &mut self,
        attempt: &Attempt,
        signals: &mut Signals<'_, C, P>,
    ) -> AttemptOutcome<F::Node>
    where
        C: Future<Output = ()>,
        P: Future<Output = ()>,
    {
        let is_rolling_back = self.run.state().is_rolling_back();
        let is_stopping = self.run.state().is_stopping();
        let mut attempt = pin!(self.runner.execute(attempt, self.run.context_mut(), self.stop));
        poll_fn(|task| {
            signals.poll(task);
            let is_cancelled = signals.cancel.has_fired() && !is_rolling_back;
            self.stop.set(is_stopping || is_cancelled, signals.pause.has_fired());
            attempt.as_mut().poll(task)
        })
        .await
    }

    /// Takes the result of a branch's attempt or of a backoff. Returns a visit to retry, with its backoff.
    async fn take(&mut self, completed: Completed<F::Node, Cx>) -> Option<(Attempt, Duration)> {
        let Completed { mut attempt, context, outcome } = completed;
        if let Some(context) = context {
            self.run.give_back(attempt.branch, *context);
            self.discard_changes(attempt.branch, &outcome).await;
        }
        let after = self.settle(&mut attempt, outcome)?;
        Some((attempt, after))
    }

    /// Discards the changes of a failed attempt to the context, if the checkpointer has the previous context.
    async fn discard_changes(&mut self, branch: BranchId, outcome: &AttemptOutcome<F::Node>) {
        if !matches!(outcome, AttemptOutcome::Returned(Err(_))) {
            return;
        }
        if let Some(context) = self.checkpointer.context_before(branch).await {
            self.run.replace_context(branch, context);
        }
    }

    /// Settles the result of an attempt or a backoff, once the run has its context again. Returns the backoff
    /// before a retry.
    fn settle(&mut self, attempt: &mut Attempt, outcome: AttemptOutcome<F::Node>) -> Option<Duration> {
        let branch = attempt.branch;
        self.has_changed = true;
        match outcome {
            AttemptOutcome::Returned(Err(fault)) => {
                if let Some(after) = self.runner.backoff(attempt, &fault)
                    && self.interpreter.back_off(self.run, branch, &fault)
                {
                    let visit = &attempt.visit;
                    self.runner.notify(&Event::Retrying { visit, fault: &fault, after });
                    attempt.last = Some(fault);
                    return Some(after);
                }
                self.interpreter.settle(self.run, branch, Err(fault));
            }
            AttemptOutcome::Returned(result) => self.interpreter.settle_next(self.run, branch, result),
            AttemptOutcome::Stopped | AttemptOutcome::BackoffEnded => self.settle_unmade(attempt, outcome),
        }
        None
    }

    /// Settles a visit without a new attempt: it was stopped, or its backoff has ended.
    fn settle_unmade(&mut self, attempt: &mut Attempt, outcome: AttemptOutcome<F::Node>) {
        let branch = attempt.branch;
        let is_stopped = self.run.state().is_stopping() && !attempt.undoes();
        match (outcome, attempt.last.take_if(|_| is_stopped)) {
            (_, Some(last)) => self.interpreter.settle(self.run, branch, Err(last)),
            (AttemptOutcome::Stopped, None) => self.interpreter.release(self.run, branch),
            // The next drive of the run makes the retry.
            _ if self.stop.is_pausing() => {}
            _ => {
                if let Some(visit) = self.interpreter.begin_again(self.run, branch) {
                    let again = self.runner.prepare(branch, attempt.node, visit, attempt.last.take());
                    self.ready(again);
                }
            }
        }
    }

    /// Notifies the observer of the new part of the path, and of the end of the run.
    fn notify_observer(&mut self) {
        for entry in self.run.unobserved() {
            let node = F::Node::PLAN.nodes.get(entry.node as usize);
            let Some(node) = node else { continue };
            let (visit, outcome) = (entry.visit, entry.outcome);
            self.runner.notify(&Event::Left { run: self.run.id(), node, visit, outcome });
        }
        self.run.mark_observed();
        if let Some(ending) = self.run.state().ending() {
            self.runner.notify(&Event::Ended { run: self.run.id(), ending });
        }
    }
}

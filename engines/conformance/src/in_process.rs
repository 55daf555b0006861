//! The reference engine, with which all others are compared.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::Arc;

use flowgen::run::{Interpreter, StuckResolution};
use flowgen::{Flow, Node, RunResult, Runner, TokioClock};

use crate::engine::{Ability, Engine, Interruption, Job, OperatorAction};
use crate::script::Script;

/// Executes runs in process. They are lost when the process ends.
#[derive(Clone, Copy, Debug, Default)]
pub struct InProcess;

impl Engine for InProcess {
    fn name(&self) -> &'static str {
        "in process"
    }

    fn unsupported(&self, ability: Ability) -> Option<&'static str> {
        (ability == Ability::Crash).then_some("a run in process is gone when the process is")
    }

    async fn run<F>(&self, flow: F, job: Job) -> RunResult<F::Node, Script>
    where
        F: Flow<Script> + Send + Sync + 'static,
    {
        let recorder = job.recorder();
        let mut runner = Runner::new(&flow, job.start).clock(TokioClock);
        for (scope, retry) in job.policies.retries {
            runner = runner.retry(scope, retry);
        }
        for (scope, timeout) in job.policies.timeouts {
            runner = runner.timeout(scope, timeout);
        }
        let runner = runner.discard_failed_changes();
        let cancel: Pin<Box<dyn Future<Output = ()> + Send>> = match job.interruption {
            Some(Interruption::Cancel) => {
                let recorder = Arc::clone(&recorder);
                Box::pin(async move {
                    recorder.wait_paused().await;
                    recorder.resume();
                })
            }
            _ => Box::pin(pending()),
        };
        if job.operator_actions.is_empty() {
            return runner.run_cancellable(job.run, job.script, cancel).await;
        }
        let mut run = runner.start(job.run, job.script);
        let _ = runner.drive(&mut run, pin!(cancel)).await;
        let interpreter = Interpreter::for_flow::<F>();
        let find = |node| F::Node::PLAN.find(node).expect("the drawing has this node");
        for action in job.operator_actions {
            recorder.repair();
            match action {
                OperatorAction::Retry => assert!(interpreter.retry_stuck(&mut run), "nothing is stuck"),
                OperatorAction::Resolve { node, visit } => {
                    assert!(
                        interpreter.resolve_stuck(&mut run, find(node), visit, StuckResolution::UndoneByHand),
                        "this is not stuck"
                    );
                }
                OperatorAction::Skip { node, visit } => {
                    assert!(
                        interpreter.resolve_stuck(&mut run, find(node), visit, StuckResolution::Waived),
                        "this is not stuck"
                    );
                }
            }
            let _ = runner.drive(&mut run, pending()).await;
        }
        runner.finish(run, pending()).await
    }
}

//! The suite that every engine has to pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::Duration;

use flowgen::{Flow, Node, RunResult, Runner, TokioClock};
use flowgen_conformance::{Interruption, Job, OperatorAction, Policies, Script};
use flowgen_sqlite::{Engine, Error};
use tempfile::TempDir;

struct Sqlite;

impl flowgen_conformance::Engine for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    async fn run<F>(&self, flow: F, job: Job) -> RunResult<F::Node, Script>
    where
        F: Flow<Script> + Send + Sync + 'static,
    {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("runs.db");
        let flow = std::sync::Arc::new(flow);
        let engine = || open(&path, Runner::new(std::sync::Arc::clone(&flow), job.start), &job.policies);
        let recorder = job.recorder();
        let mut runs = engine().await;
        let _ = runs.start(job.run.as_str(), job.script.clone()).await.unwrap();
        match job.interruption {
            None => {}
            Some(Interruption::Cancel) => {
                recorder.wait_paused().await;
                assert!(runs.cancel(&job.run).await.unwrap());
                recorder.resume();
            }
            Some(interruption @ (Interruption::Crash | Interruption::CrashAndCancel)) => {
                recorder.wait_paused().await;
                drop(runs);
                // It opens once nothing of the first is left that the answer could reach.
                runs = engine().await;
                recorder.resume();
                if interruption == Interruption::CrashAndCancel {
                    assert!(runs.cancel(&job.run).await.unwrap());
                }
                let resumed = runs.resume().await.unwrap();
                assert!(resumed.refused.is_empty(), "{resumed:?}");
            }
        }
        for action in &job.operator_actions {
            let _ = runs.outcome(&job.run).await.unwrap();
            recorder.repair();
            let find = |node| F::Node::find(node).expect("the drawing has this node");
            match *action {
                OperatorAction::Retry => runs.retry(&job.run).await.unwrap(),
                OperatorAction::Resolve { node, visit } => {
                    runs.resolve(&job.run, find(node), visit).await.map(drop).unwrap();
                }
                OperatorAction::Skip { node, visit } => {
                    runs.skip(&job.run, find(node), visit).await.map(drop).unwrap();
                }
            }
        }
        runs.ended(&job.run).await.unwrap()
    }
}

/// Opens the file; whoever had it may be about to give it up.
async fn open<F>(path: &Path, runner: Runner<F>, policies: &Policies) -> Engine<F::Node, Script>
where
    F: Flow<Script> + Clone + Send + 'static,
{
    loop {
        let mut timed = runner.clone().clock(TokioClock);
        for (scope, retry) in &policies.retries {
            timed = timed.retry(*scope, *retry);
        }
        for (scope, timeout) in &policies.timeouts {
            timed = timed.timeout(*scope, *timeout);
        }
        match Engine::open(path, timed).await {
            Err(Error::Locked { .. }) => tokio::time::sleep(Duration::from_millis(2)).await,
            opened => return opened.unwrap(),
        }
    }
}

flowgen_conformance::suite!(Sqlite);

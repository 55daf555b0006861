//! The suite that every engine has to pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::time::Duration;

use flowgen::{Ended, Flow, Node, Runner, TokioClock};
use flowgen_conformance::{Interruption, Job, Mend, Policies, Script};
use flowgen_sqlite::{Engine, Error};
use tempfile::TempDir;

struct Sqlite;

impl flowgen_conformance::Engine for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    async fn perform<F>(&self, flow: F, job: Job) -> Ended<F::Node, Script>
    where
        F: Flow<Script> + Send + Sync + 'static,
    {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("runs.db");
        let flow = std::sync::Arc::new(flow);
        let engine = || open(&path, Runner::new(std::sync::Arc::clone(&flow), job.start), &job.policies);
        let world = job.world();
        let mut runs = engine().await;
        let _ = runs.start(job.run.as_str(), job.script.clone()).await.unwrap();
        match job.interruption {
            None => {}
            Some(Interruption::Cancel) => {
                world.rung().await;
                assert!(runs.cancel(&job.run).await.unwrap());
                world.answer();
            }
            Some(interruption @ (Interruption::Crash | Interruption::CrashAndCancel)) => {
                world.rung().await;
                drop(runs);
                // It opens once nothing of the first is left that the answer could reach.
                runs = engine().await;
                world.answer();
                if interruption == Interruption::CrashAndCancel {
                    assert!(runs.cancel(&job.run).await.unwrap());
                }
                let resumed = runs.resume().await.unwrap();
                assert!(resumed.refused.is_empty(), "{resumed:?}");
            }
        }
        for mend in &job.mends {
            let _ = runs.outcome(&job.run).await.unwrap();
            world.repair();
            let find = |node| F::Node::find(node).expect("the drawing has this node");
            match *mend {
                Mend::Retry => runs.retry(&job.run).await.unwrap(),
                Mend::Resolve { node, nth } => {
                    runs.resolve(&job.run, find(node), nth).await.map(drop).unwrap();
                }
                Mend::Skip { node, nth } => runs.skip(&job.run, find(node), nth).await.map(drop).unwrap(),
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

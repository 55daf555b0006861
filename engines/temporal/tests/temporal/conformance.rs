//! What every engine has to do, on a Temporal server.

use std::time::Duration;

use crate::server::Server;
use flowgen::{Flow, Node, RunResult, Runner, TokioClock};
use flowgen_conformance::{Engine, Interruption, Job, OperatorAction, Policies, Script};
use flowgen_temporal::{Runs, connect};

/// A Temporal server, and workers that come and go.
struct Temporal;

/// So soon is a worker that died taken for lost.
const LOST_AFTER: Duration = Duration::from_secs(3);

impl Engine for Temporal {
    fn name(&self) -> &'static str {
        "temporal"
    }

    async fn run<F>(&self, flow: F, job: Job) -> RunResult<F::Node, Script>
    where
        F: Flow<Script> + Send + Sync + 'static,
    {
        // It lives as long as the workers, and these as long as the tests.
        let flow: &'static F = Box::leak(Box::new(flow));
        let server = Server::shared().await;
        let recorder = job.recorder();
        let runs = Runs::<F::Node, Script>::new(server.client().await, job.run.clone());
        let mut life = Life::begin(flow, &job, &server);
        let start = F::Node::ALL[job.start as usize];
        runs.start_at(&job.run, start, &job.script).await.unwrap();
        match job.interruption {
            Some(Interruption::Cancel) => {
                recorder.wait_paused().await;
                assert!(runs.cancel(&job.run).await.unwrap());
                // Until the workflow knows; the step goes on as soon as it is answered.
                tokio::time::sleep(Duration::from_millis(500)).await;
                recorder.resume();
            }
            Some(interruption @ (Interruption::Crash | Interruption::CrashAndCancel)) => {
                recorder.wait_paused().await;
                life.crash();
                recorder.resume();
                if interruption == Interruption::CrashAndCancel {
                    assert!(runs.cancel(&job.run).await.unwrap());
                }
                life = Life::begin(flow, &job, &server);
            }
            None => {}
        }
        for action in &job.operator_actions {
            let _ = runs.outcome(&job.run).await.unwrap();
            recorder.repair();
            let find = |node| F::Node::find(node).unwrap();
            match *action {
                OperatorAction::Retry => runs.retry(&job.run).await.unwrap(),
                OperatorAction::Resolve { node, visit } => {
                    runs.resolve(&job.run, find(node), visit).await.unwrap();
                }
                OperatorAction::Skip { node, visit } => runs.skip(&job.run, find(node), visit).await.unwrap(),
            }
        }
        let ended = with_messages(&runs, &job.run).await;
        life.crash();
        ended
    }
}

/// How a run ended, and its messages.
async fn with_messages<N: Node>(runs: &Runs<N, Script>, run: &str) -> RunResult<N, Script> {
    let mut ended = runs.outcome(run).await.unwrap();
    for message in runs.messages(run).await.unwrap() {
        ended.messages.push(Box::pin(with_messages(runs, &message)).await);
    }
    ended
}

/// A worker's process, as far as a test can have one: all that it does ends at once.
struct Life(Option<tokio::runtime::Runtime>);

impl Life {
    fn begin<F>(flow: &'static F, job: &Job, server: &Server) -> Self
    where
        F: Flow<Script> + Send + Sync + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.unwrap();
        let (url, name) = (server.url(), job.run.clone());
        let Policies { retries, timeouts } = job.policies.clone();
        runtime.spawn(async move {
            let mut runner = Runner::new(flow, 0).clock(TokioClock);
            for (scope, retry) in retries {
                runner = runner.retry(scope, retry);
            }
            for (scope, timeout) in timeouts {
                runner = runner.timeout(scope, timeout);
            }
            let client = connect(&url, "default").await.unwrap();
            let runs = Runs::<F::Node, Script>::new(client, name);
            runs.worker(runner).lost_after(LOST_AFTER).run().await.unwrap();
        });
        Self(Some(runtime))
    }

    fn crash(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Until no step goes on any more, however its thread was busy.
            tokio::task::block_in_place(|| runtime.shutdown_timeout(Duration::from_secs(10)));
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.crash();
    }
}

flowgen_conformance::suite!(Temporal);

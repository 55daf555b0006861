//! Workers, which execute steps and advance runs.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use flowgen::plan::{LaneSpec, Plan};
use flowgen::run::{Interpreter, Migration};
use flowgen::{Drawing, Flow, Node, Observer, Runner, Timing};
use futures::future::{Either, select, try_join_all};
use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_client::Client;
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::{Runtime, WorkerOptions};
use tokio::sync::oneshot;

use crate::activity::StepActivities;
use crate::context_json;
use crate::error::WorkerError;
use crate::steps::{LaneWorker, Steps};
use crate::wire::lane_queue;
use crate::workflow::{FlowWorkflow, Rules};

/// Serves lanes of a flow. Created by [`Runs::worker`](crate::Runs::worker).
///
/// Each worker advances runs, whichever lanes it serves, so runs need only one worker of the flow for that.
///
/// # Examples
///
/// A program whose arguments are the lanes that it serves; it serves all lanes if there are none:
///
/// ```no_run
/// # mod shop { flowgen::flow! { Shop { # Shop
/// #     n1: circle label:"Ordered"
/// #     n2: rectangle label:"Ship"
/// #     n3: circle label:"Shipped"
/// #     n1.handle(right) -> n2.handle(left)
/// #     n2.handle(right) -> n3.handle(left)
/// # } } }
/// # struct Bookshop;
/// # impl shop::shop::Shop<u32> for Bookshop {
/// #     async fn ship(&self, _: &mut u32, _: &flowgen::Visit) -> flowgen::Result { Ok(()) }
/// # }
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # static SHOP: shop::Flow<Bookshop> = shop::Flow { shop: Bookshop };
/// use flowgen_temporal::{Runs, connect};
///
/// let client = connect("http://127.0.0.1:7233", "default").await?;
/// let runs = Runs::<shop::Node, u32>::new(client, "shop");
/// runs.worker(SHOP.runner()).lanes(std::env::args().skip(1))?.run().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a worker does nothing until it is run"]
pub struct Worker {
    client: Client,
    rules: Rules,
    steps: Arc<dyn Steps>,
    lanes: Vec<&'static LaneSpec>,
}

/// The default time without heartbeats after which the steps of a worker are given to another one.
const LOST_AFTER: Duration = Duration::from_secs(30);

/// The SDK's default, which is used unless workers are regarded as lost earlier.
const STICKY: Duration = Duration::from_secs(10);

impl Worker {
    pub(crate) fn new<F, T, O, Cx>(client: Client, flow: String, runner: Runner<F, T, O>) -> Self
    where
        F: Flow<Cx> + Send + 'static,
        T: Timing + Send + 'static,
        O: Observer + Send + 'static,
        Cx: Serialize + DeserializeOwned + Send + 'static,
    {
        let plan = <F::Node as Node>::PLAN;
        let interpreter = Interpreter::new(plan, context_json::fork::<F, Cx>, context_json::join::<F, Cx>)
            .with_retain(context_json::retain::<F, Cx>);
        let migration = Arc::new(Migration::new(&Drawing::new(plan), plan));
        let rules = Rules { flow, plan, interpreter, migration, lost_after: LOST_AFTER };
        let steps = Arc::new(LaneWorker::<F, T, O, Cx>::new(runner));
        Self { client, rules, steps, lanes: served(plan) }
    }

    /// Serves only these lanes, which are given by their names in the drawing; all lanes if the list is empty.
    ///
    /// # Errors
    ///
    /// [`WorkerError::UnknownLane`], with the lanes of the drawing.
    pub fn lanes<L: AsRef<str>>(mut self, names: impl IntoIterator<Item = L>) -> Result<Self, WorkerError> {
        let all = served(self.rules.plan);
        let find = |name: L| {
            let lane = all.iter().copied().find(|lane| lane.name == name.as_ref());
            lane.ok_or_else(|| WorkerError::UnknownLane {
                lane: name.as_ref().to_owned(),
                lanes: all.iter().map(|lane| lane.name).collect::<Vec<_>>().join(", "),
            })
        };
        let wanted: Vec<_> = names.into_iter().map(find).collect::<Result<_, _>>()?;
        self.lanes = if wanted.is_empty() { all } else { wanted };
        Ok(self)
    }

    /// Sets the time without heartbeats after which the steps of a worker are given to another one. The default is
    /// 30 s. Workers send three heartbeats in that time.
    ///
    /// The timeout is set by whichever worker executes the workflow task, so configure all workers of a flow
    /// alike.
    pub fn lost_after(mut self, silence: Duration) -> Self {
        self.rules.lost_after = silence;
        self
    }

    /// Runs until the server refuses the worker.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Queue`] and [`WorkerError::Thread`].
    pub async fn run(self) -> Result<(), WorkerError> {
        self.run_until(pending()).await
    }

    /// Runs until `stop` is ready; then it takes no new work, and finishes its current steps.
    ///
    /// The worker has its own thread, and executes the steps on the runtime of the call. If the future is dropped,
    /// the worker stops in the same way in the background.
    /// # Errors
    ///
    /// [`WorkerError::Queue`] and [`WorkerError::Thread`].
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<(), WorkerError> {
        let (stopper, told_to_stop) = oneshot::channel::<()>();
        let (tell, mut end) = oneshot::channel();
        let runtime = tokio::runtime::Handle::current();
        // The SDK's workers can't move between threads.
        let thread = std::thread::Builder::new().name(format!("flowgen {}", self.rules.flow));
        let spawned = thread.spawn(move || {
            let worked = runtime.block_on(self.work(told_to_stop));
            // Sending fails if the future was dropped.
            let _ = tell.send(worked);
        });
        spawned.map_err(|error| WorkerError::Thread(error.to_string()))?;
        let worked = match select(&mut end, pin!(stop)).await {
            Either::Left((worked, _)) => worked,
            Either::Right(((), end)) => {
                drop(stopper);
                end.await
            }
        };
        worked.unwrap_or_else(|_| Err(WorkerError::Thread("it panicked".to_owned())))
    }

    async fn work(self, told_to_stop: oneshot::Receiver<()>) -> Result<(), WorkerError> {
        let mut workers = self.workers()?;
        let handles: Vec<_> = workers.iter().map(temporalio_sdk::Worker::shutdown_handle).collect();
        let work = try_join_all(workers.iter_mut().map(|worker| async {
            let queue = worker.task_queue().to_owned();
            worker.run().await.map_err(|error| failed(&queue, error))
        }));
        match select(pin!(work), told_to_stop).await {
            Either::Left((worked, _)) => worked.map(drop),
            Either::Right((_, work)) => {
                for shut_down in handles {
                    shut_down();
                }
                work.await.map(drop)
            }
        }
    }

    /// Creates a worker for the workflows, and one for each lane.
    fn workers(&self) -> Result<Vec<temporalio_sdk::Worker>, WorkerError> {
        let flow = self.rules.flow.as_str();
        let runtime =
            Runtime::from_current_tokio(RuntimeOptions::default()).map_err(|error| failed(flow, error))?;
        let rules = self.rules.clone();
        let workflows = WorkerOptions::new(flow)
            .register_workflow_with_factory(move || FlowWorkflow::new(rules.clone()))
            .map_err(|error| failed(flow, error))?
            // How long a run waits for the worker that last advanced it, in case that worker died.
            .sticky_queue_schedule_to_start_timeout(self.rules.lost_after.min(STICKY));
        let mut workers = vec![(flow.to_owned(), workflows.build())];
        for lane in &self.lanes {
            let queue = lane_queue(flow, lane.name);
            let lanes = StepActivities { steps: Arc::clone(&self.steps) };
            workers.push((queue.clone(), WorkerOptions::new(queue).register_activities(lanes).build()));
        }
        let start = |(queue, options): (String, WorkerOptions)| {
            temporalio_sdk::Worker::new(&runtime, self.client.clone(), options)
                .map_err(|error| failed(&queue, error))
        };
        workers.into_iter().map(start).collect()
    }
}

/// Returns the lanes with steps to execute.
fn served(plan: &'static Plan) -> Vec<&'static LaneSpec> {
    let is_served = |at: usize| plan.nodes.iter().any(|node| node.lane as usize == at && !node.is_circle());
    plan.lanes.iter().enumerate().filter(|(at, _)| is_served(*at)).map(|(_, lane)| lane).collect()
}

fn failed(queue: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WorkerError {
    WorkerError::Queue { queue: queue.to_owned(), source: error.into() }
}

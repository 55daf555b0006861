//! The activity: one attempt of a step, during which heartbeats are sent to the server.

use std::sync::Arc;
use std::time::Duration;

use temporalio_common::error::ApplicationFailure;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::payload::Json;
use crate::steps::{AttemptOutcome, Steps};
use crate::wire::{Done, Faulted, Step, Tried};

/// The steps of the lanes that this worker serves.
pub(crate) struct StepActivities {
    pub(crate) steps: Arc<dyn Steps>,
}

/// The pause before the server retries a step that a worker could not execute. Another worker may get it earlier.
const UNFIT: Duration = Duration::from_secs(2);

#[activities]
impl StepActivities {
    #[activity(name = "step")]
    pub(crate) async fn step(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: Json<Step>,
    ) -> Result<Json<Done>, ActivityError> {
        let tried = ctx.heartbeat_details().deserialize::<Json<Tried>>()?;
        let tried = tried.map_or_else(Tried::default, |Json(tried)| tried);
        let attempt = ctx.info().attempt.saturating_sub(tried.unfit);
        let heartbeat = Heartbeat::start(&ctx, tried.clone());
        let outcome = self.steps.attempt(step.0, attempt, tried.clone()).await;
        drop(heartbeat);
        let (failure, tried) = match outcome {
            AttemptOutcome::Done(done) => return Ok(Json(done)),
            AttemptOutcome::Faulted(faulted) => {
                return Err(ActivityError::application(failure(faulted, None)));
            }
            AttemptOutcome::Again(faulted, after) => {
                let tried = tried.after(&faulted);
                (failure(faulted, Some(after)), tried)
            }
            AttemptOutcome::Unfit(why) => {
                tracing::error!(why, "this worker can't do the step");
                let failure = ApplicationFailure::builder(why).next_retry_delay(UNFIT).build();
                (failure, Tried { unfit: tried.unfit + 1, ..tried })
            }
        };
        // The last heartbeat of a failed attempt is passed to the next one.
        ctx.record_heartbeat(Json(tried)).await?;
        Err(ActivityError::application(failure))
    }
}

/// Returns the failure for the server: with the pause before a retry, or as final.
fn failure(faulted: Faulted, again: Option<Duration>) -> ApplicationFailure {
    ApplicationFailure::builder(format!("{:#}", faulted.fault))
        .type_name("Fault".to_owned())
        .non_retryable(again.is_none())
        .maybe_next_retry_delay(again)
        .details(Json(faulted))
        .build()
}

/// Sends heartbeats to the server until it is dropped.
///
/// It has its own task, so that a step that blocks its thread is not regarded as lost.
struct Heartbeat(tokio::task::JoinHandle<()>);

impl Heartbeat {
    fn start(ctx: &ActivityContext, tried: Tried) -> Self {
        let (ctx, every) = (ctx.clone(), ctx.info().heartbeat_timeout.map(|timeout| timeout / 3));
        Self(tokio::spawn(async move {
            let Some(every) = every.filter(|every| !every.is_zero()) else { return };
            loop {
                tokio::time::sleep(every).await;
                if ctx.record_heartbeat(Json(tried.clone())).await.is_err() {
                    return;
                }
            }
        }))
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.abort();
    }
}

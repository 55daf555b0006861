//! The activity: a step, tried once, while the server is told that this worker lives.

use std::sync::Arc;
use std::time::Duration;

use temporalio_common::error::ApplicationFailure;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::payload::Json;
use crate::steps::{Came, Steps};
use crate::wire::{Done, Faulted, Step, Tried};

/// The steps that this worker serves.
pub(crate) struct Lanes {
    pub(crate) steps: Arc<dyn Steps>,
}

/// What a worker that can't do a step waits before it is asked again; another may be asked sooner.
const UNFIT: Duration = Duration::from_secs(2);

#[activities]
impl Lanes {
    #[activity(name = "step")]
    pub(crate) async fn step(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: Json<Step>,
    ) -> Result<Json<Done>, ActivityError> {
        let tried = ctx.heartbeat_details().deserialize::<Json<Tried>>()?.map(|Json(tried)| tried);
        let tried = tried.unwrap_or_default();
        let beats = Beats::start(&ctx, tried.clone());
        let came = self.steps.attempt(step.0, ctx.info().attempt, tried.clone()).await;
        drop(beats);
        let (failure, tried) = match came {
            Came::Done(done) => return Ok(Json(done)),
            Came::Faulted(faulted) => return Err(ActivityError::application(for_good(faulted))),
            Came::Again { fault, tried, after } => {
                (ApplicationFailure::builder(format!("{fault:#}")).next_retry_delay(after), tried)
            }
            Came::Unfit(why) => {
                tracing::error!(why, "this worker can't do the step");
                (ApplicationFailure::builder(why).next_retry_delay(UNFIT), tried)
            }
        };
        // A failure takes what was last recorded along, to the next attempt.
        ctx.record_heartbeat(Json(tried)).await?;
        Err(ActivityError::application(failure.build()))
    }
}

fn for_good(faulted: Faulted) -> ApplicationFailure {
    let builder = ApplicationFailure::builder(format!("{:#}", faulted.fault));
    builder.type_name("Fault".to_owned()).non_retryable(true).details(Json(faulted)).build()
}

/// Tells the server again and again that this worker lives, until it is dropped.
///
/// In a task of its own, so that a step which blocks its thread is not taken for lost.
struct Beats(tokio::task::JoinHandle<()>);

impl Beats {
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

impl Drop for Beats {
    fn drop(&mut self) {
        self.0.abort();
    }
}

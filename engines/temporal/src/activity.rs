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
        let tried = ctx.heartbeat_details().deserialize::<Json<Tried>>()?;
        let tried = tried.map_or_else(Tried::default, |Json(tried)| tried);
        let attempt = ctx.info().attempt.saturating_sub(tried.unfit);
        let beats = Beats::start(&ctx, tried.clone());
        let came = self.steps.attempt(step.0, attempt, tried.clone()).await;
        drop(beats);
        let (failure, tried) = match came {
            Came::Done(done) => return Ok(Json(done)),
            Came::Faulted(faulted) => return Err(ActivityError::application(failure(faulted, None))),
            Came::Again(faulted, after) => {
                let tried = tried.after(&faulted);
                (failure(faulted, Some(after)), tried)
            }
            Came::Unfit(why) => {
                tracing::error!(why, "this worker can't do the step");
                let failure = ApplicationFailure::builder(why).next_retry_delay(UNFIT).build();
                (failure, Tried { unfit: tried.unfit + 1, ..tried })
            }
        };
        // A failure takes what was last recorded along, to the next attempt.
        ctx.record_heartbeat(Json(tried)).await?;
        Err(ActivityError::application(failure))
    }
}

/// What the server is told of a fault: when to try again, or that it is final.
fn failure(faulted: Faulted, again: Option<Duration>) -> ApplicationFailure {
    ApplicationFailure::builder(format!("{:#}", faulted.fault))
        .type_name("Fault".to_owned())
        .non_retryable(again.is_none())
        .maybe_next_retry_delay(again)
        .details(Json(faulted))
        .build()
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

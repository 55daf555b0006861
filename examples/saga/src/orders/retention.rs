//! Deletes orders after their retention period.

use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use flowgen::Fault;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::OrdersError;
use super::runs::Runs;
use crate::lanes::Books;
use crate::service::in_full;

/// The shortest and the longest pause between two deletions.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60 * 60));

/// Regularly deletes the orders that ended at least `keep` ago. Ends when the runs are dropped.
pub(super) fn delete_regularly(runs: &Arc<dyn Runs>, books: Books, keep: Duration) -> JoinHandle<()> {
    let runs: Weak<dyn Runs> = Arc::downgrade(runs);
    let pause = (keep / 24).clamp(PAUSES.0, PAUSES.1);
    tokio::spawn(async move {
        while let Some(runs) = runs.upgrade() {
            // No order ended before 1970.
            let before = SystemTime::now().checked_sub(keep).unwrap_or(SystemTime::UNIX_EPOCH);
            match delete_ended_before(&*runs, &books, before).await {
                Ok(0) => {}
                Ok(orders) => tracing::info!(orders, "deleted orders that ended long ago"),
                Err(error) => {
                    tracing::error!(
                        error = in_full(&error),
                        "orders that ended long ago can't be deleted yet"
                    );
                }
            }
            drop(runs);
            sleep(pause).await;
        }
    })
}

/// Deletes the orders that ended before this time: first the entries of the services, including marks, then the
/// runs. As long as a run exists, its id can't be reused, so a new order never finds entries of an earlier one.
/// Returns the number of deleted runs.
pub(super) async fn delete_ended_before(
    runs: &dyn Runs,
    books: &Books,
    time: SystemTime,
) -> Result<usize, OrdersError> {
    books.delete_before(time, |id| ended_before(runs, id, time)).await?;
    runs.delete_ended_before(time).await
}

/// If an order can't be read, its entries are kept and the deletion continues with the others.
async fn ended_before(runs: &dyn Runs, id: String, time: SystemTime) -> Result<bool, Fault> {
    Ok(runs.ended_before(id.clone(), time).await.unwrap_or_else(|error| {
        tracing::error!(order = id, error = in_full(&error), "an order can't be read, and is not deleted");
        false
    }))
}

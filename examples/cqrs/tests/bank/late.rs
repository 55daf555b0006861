//! On Postgres, an event may be committed after one with a higher position. It is not left out.

use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::world::{PAID, World, deposit, done, insert, open};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_committed_late_is_not_left_out() {
    let Some(world) = World::postgres().await else {
        eprintln!("skipped: Postgres is not installed");
        return;
    };
    let bank = world.bank().await;
    done(&bank, "open-a", "alice", open()).await;
    done(&bank, "open-b", "bob", open()).await;
    world.level().await;
    let before = world.views().await.live_at;
    // As the event store appends, only slower.
    let mut connection = PgConnection::connect(&world.database).await.unwrap();
    let mut late = connection.begin().await.unwrap();
    late.execute("SELECT pg_advisory_xact_lock_shared(7041776, 1)").await.unwrap();
    late.execute(&*insert("bob", 2, ("deposited", 2), PAID)).await.unwrap();
    let receipt = done(&bank, "pay-a", "alice", deposit(500)).await;
    assert!(receipt.position > before + 1, "it overtook the other one");
    let read = world.store().await.events_after(before, 10).await;
    assert!(read.is_err(), "the order is unknown: {read:?}");
    assert_eq!(world.views().await.live_at, before);
    late.commit().await.unwrap();
    bank.look().await.unwrap();
    assert_eq!(world.views().await.live_at, receipt.position);
    assert_eq!(world.shown().await, world.folded().await);
    assert_eq!(world.shown().await["bob"].account.cents, 500);
}

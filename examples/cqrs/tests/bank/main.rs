//! The bank on both databases, by the same tests.

/// Runs each of these tests on SQLite, and on Postgres where it is installed.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::world::World::sqlite()).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                match crate::world::World::postgres().await {
                    Some(world) => super::$test(world).await,
                    None => eprintln!("skipped: Postgres is not installed"),
                }
            })+
        }
    };
}

mod commands;
mod dead_letters;
mod explored;
mod faults;
mod kill;
mod late;
mod metadata;
mod outbox;
mod postgres;
mod processes;
mod projection;
mod queries;
mod rebuild;
mod settle;
mod snapshots;
mod subscription;
mod world;

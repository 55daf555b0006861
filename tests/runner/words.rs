//! Labels that name an undo where nothing is undone: the steps run like any others.

use flowgen::{Outcome, Result, Visit};

mod desk {
    flowgen::flow! {
        #![strict]
        #![allow(F401)]
        Desk { # Refund desk
            n1: circle label:"Customer wants payment reverted"
            n2: rectangle label:"Check receipt"
            n3: diamond label:"Valid?"
            n4: rectangle label:"Refund payment"
            n5: circle label:"Refunded"
            n6: circle label:"Refused"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left) [label="Yes"]
            n3.handle(bottom) -> n6.handle(left) [label="No"]
            n4.handle(right) -> n5.handle(left)
        }
    }
}

mod migration {
    flowgen::flow! {
        #![strict]
        #![allow(F401)]
        Migration { # Migration
            n1: circle label:"Begin"
            n2: rectangle label:"Take snapshot"
            n3: rectangle label:"Run migration"
            n4: diamond label:"Data intact?"
            n5: rectangle label:"Delete snapshot"
            n6: circle label:"Migrated"
            n7: rectangle label:"Rollback migration"
            n8: rectangle label:"Restore snapshot"
            n9: circle label:"Rolled back"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n4.handle(right) -> n5.handle(left) [label="Yes"]
            n4.handle(bottom) -> n7.handle(left) [label="No"]
            n5.handle(right) -> n6.handle(left)
            n7.handle(right) -> n8.handle(left)
            n8.handle(right) -> n9.handle(left)
        }
    }
}

/// Serves both drawings, and writes down what it does.
struct Clerk;

type Done = Vec<&'static str>;

impl desk::desk::Desk<Done> for Clerk {
    async fn check_receipt(&self, done: &mut Done, _: &Visit) -> Result {
        done.push("check");
        Ok(())
    }

    async fn valid(&self, done: &Done, _: &Visit) -> Result<desk::desk::Valid> {
        use desk::desk::Valid::{No, Yes};
        Ok(if done.contains(&"check") { Yes } else { No })
    }

    async fn refund_payment(&self, done: &mut Done, _: &Visit) -> Result {
        done.push("refund");
        Ok(())
    }
}

impl migration::migration::Migration<Done> for Clerk {
    async fn take_snapshot(&self, done: &mut Done, _: &Visit) -> Result {
        done.push("take");
        Ok(())
    }

    async fn run_migration(&self, done: &mut Done, _: &Visit) -> Result {
        done.push("run");
        Ok(())
    }

    async fn data_intact(&self, done: &Done, _: &Visit) -> Result<migration::migration::DataIntact> {
        use migration::migration::DataIntact::{No, Yes};
        Ok(if done.contains(&"run") { No } else { Yes })
    }

    async fn delete_snapshot(&self, done: &mut Done, _: &Visit) -> Result {
        done.push("delete");
        Ok(())
    }

    async fn rollback_migration(&self, done: &mut Done, _: &Visit) -> Result {
        done.push("roll back");
        Ok(())
    }

    async fn restore_snapshot(&self, done: &mut Done, _: &Visit) -> Result {
        done.push("restore");
        Ok(())
    }
}

#[tokio::test]
async fn a_refund_desk_refunds() {
    let ended = desk::Flow { desk: Clerk }.run(Done::new()).await;
    assert!(matches!(ended.outcome, Outcome::Completed { end: desk::End::Refunded }), "{}", ended.outcome);
    assert_eq!(ended.cx, ["check", "refund"]);
}

#[tokio::test]
async fn a_migration_that_fails_restores_its_snapshot() {
    let ended = migration::Flow { migration: Clerk }.run(Done::new()).await;
    assert!(
        matches!(ended.outcome, Outcome::Completed { end: migration::End::RolledBack }),
        "{}",
        ended.outcome
    );
    assert_eq!(ended.cx, ["take", "run", "roll back", "restore"]);
}

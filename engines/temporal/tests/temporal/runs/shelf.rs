//! A flow that takes its time to roll back.

use flowgen::{Effect, Result, Visit};
use tokio::sync::Semaphore;

pub(crate) mod drawing {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Returned"
            n2: rectangle label:"Clear shelf"
            n3: rectangle label:"Mend book"
            n4: circle label:"On the shelf"
            n5: rectangle label:"Fill shelf"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n2.handle(bottom) -> n5.handle(top) [label="compensated by"]
        }
    }
}

use drawing::shop;

/// Who fills the shelf again waits for somebody to come.
pub(crate) struct Assistants(pub(crate) Semaphore);

pub(crate) static SHELF: drawing::Flow<Assistants> =
    drawing::Flow { shop: Assistants(Semaphore::const_new(0)) };

impl shop::Shop<()> for Assistants {
    async fn clear_shelf(&self, (): &mut (), _: &Visit) -> Result<Effect> {
        Ok(Effect::Done)
    }
    async fn mend_book(&self, (): &mut (), _: &Visit) -> Result {
        Err("there is no glue".into())
    }
}

impl shop::Compensation<()> for Assistants {
    async fn fill_shelf(&self, (): &mut (), _: &Visit) -> Result {
        self.0.acquire().await?.forget();
        Ok(())
    }
}

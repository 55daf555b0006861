//! A flow that takes its time to roll back, in more than one history.

use flowgen::{Effect, Result, Visit};
use tokio::sync::Semaphore;

pub(crate) mod drawing {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Returned"
            n2: rectangle label:"Clear shelf"
            n3: diamond label:"More shelves?"
            n4: rectangle label:"Mend books"
            n5: circle label:"On the shelves"
            n6: rectangle label:"Fill shelf"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(bottom) -> n2.handle(bottom) [label="Yes"]
            n3.handle(right) -> n4.handle(left) [label="No"]
            n4.handle(right) -> n5.handle(left)
            n2.handle(top) -> n6.handle(top) [label="compensated by"]
        }
    }
}

use drawing::shop;

/// So many shelves are cleared.
pub(crate) const SHELVES: usize = 40;

/// Who fills a shelf again waits until somebody helps.
pub(crate) struct Assistants(pub(crate) Semaphore);

pub(crate) static SHELF: drawing::Flow<Assistants> =
    drawing::Flow { shop: Assistants(Semaphore::const_new(0)) };

impl shop::Shop<usize> for Assistants {
    async fn clear_shelf(&self, cleared: &mut usize, _: &Visit) -> Result<Effect> {
        *cleared += 1;
        Ok(Effect::Done)
    }
    async fn more_shelves(&self, cleared: &usize, _: &Visit) -> Result<shop::MoreShelves> {
        Ok(if *cleared < SHELVES { shop::MoreShelves::Yes } else { shop::MoreShelves::No })
    }
    async fn mend_books(&self, _: &mut usize, _: &Visit) -> Result {
        Err("there is no glue".into())
    }
}

impl shop::Compensation<usize> for Assistants {
    async fn fill_shelf(&self, cleared: &mut usize, _: &Visit) -> Result {
        self.0.acquire().await?.forget();
        *cleared -= 1;
        Ok(())
    }
}

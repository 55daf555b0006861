//! Five steps that do nothing, and one that waits for good.

use flowgen::{Result, Visit};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

/// How many steps a run has.
pub(crate) const STEPS: u32 = 5;

pub(crate) mod five {
    #![allow(missing_docs, unreachable_pub)]

    flowgen::flow! {
        Line { # Line
            n1: circle label:"Begun"
            n2: rectangle label:"First"
            n3: rectangle label:"Second"
            n4: rectangle label:"Third"
            n5: rectangle label:"Fourth"
            n6: rectangle label:"Fifth"
            n7: circle label:"Done"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n4.handle(right) -> n5.handle(left)
            n5.handle(right) -> n6.handle(left)
            n6.handle(right) -> n7.handle(left)
        }
    }
}

pub(crate) mod waiting {
    #![allow(missing_docs, unreachable_pub)]

    flowgen::flow! {
        Desk { # Desk
            n1: circle label:"Asked"
            n2: rectangle label:"Wait"
            n3: circle label:"Answered"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
        }
    }
}

/// The context of both.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) number: u64,
}

pub(crate) struct Idle;

impl five::line::Line<Order> for Idle {
    async fn first(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
    async fn second(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
    async fn third(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
    async fn fourth(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
    async fn fifth(&self, _: &mut Order, _: &Visit) -> Result {
        Ok(())
    }
}

/// Tells that somebody waits, who then waits for good.
pub(crate) struct Queue(pub(crate) UnboundedSender<()>);

impl waiting::desk::Desk<Order> for Queue {
    async fn wait(&self, _: &mut Order, _: &Visit) -> Result {
        self.0.send(())?;
        std::future::pending().await
    }
}

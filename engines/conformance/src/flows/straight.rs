//! A sequence of three steps in two lanes.

use flowgen::{Result, Visit};

use super::Lanes;
use crate::script::Script;

/// The drawing.
pub mod drawing {
    flowgen::flow! {
        Shop { # Shop
            n1: circle label:"Ordered"
            n2: rectangle label:"Accept order"
            n3: rectangle label:"Pack goods"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> Post.n4.handle(left) [label="Parcel"]
        }
        Post { # Post
            n4: rectangle label:"Deliver parcel"
            n5: circle label:"Delivered"
            n4.handle(right) -> n5.handle(left)
        }
    }
}

/// The flow.
#[must_use]
pub fn flow() -> drawing::Flow<Lanes, Lanes> {
    drawing::Flow { shop: Lanes, post: Lanes }
}

impl drawing::shop::Shop<Script> for Lanes {
    async fn accept_order(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
    async fn pack_goods(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

impl drawing::post::Post<Script> for Lanes {
    async fn deliver_parcel(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

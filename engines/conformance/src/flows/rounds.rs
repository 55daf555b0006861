//! A bounded loop around a compensable step.

use flowgen::{Effect, Result, Visit};

use super::Lanes;
use crate::script::Script;

/// The drawing.
pub mod drawing {
    flowgen::flow! {
        Mill { # Mill
            n1: circle label:"Grain came"
            n2: rectangle label:"Grind grain"
            n3: diamond label:"Fine enough?"
            n4: rectangle label:"Fill sacks"
            n5: circle label:"Flour ready"
            n6: rectangle label:"Sweep up"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left) [label="Yes"]
            n3.handle(bottom) -> n2.handle(bottom) [label="No"]
            n4.handle(right) -> n5.handle(left)
            n2.handle(top) -> n6.handle(top) [label="compensated by"]
            loop [up to 4 times] n2 n3
        }
    }
}

use drawing::mill::{Compensation, FineEnough, Mill};

/// The flow.
#[must_use]
pub fn flow() -> drawing::Flow<Lanes> {
    drawing::Flow { mill: Lanes }
}

impl Mill<Script> for Lanes {
    async fn grind_grain(&self, cx: &mut Script, visit: &Visit) -> Result<Effect> {
        cx.act(visit).await
    }
    async fn fine_enough(&self, cx: &Script, visit: &Visit) -> Result<FineEnough> {
        if cx.times("n2") < cx.rounds {
            return Ok(FineEnough::No);
        }
        cx.decide(visit, &[FineEnough::Yes, FineEnough::No]).await
    }
    async fn fill_sacks(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

impl Compensation<Script> for Lanes {
    async fn sweep_up(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

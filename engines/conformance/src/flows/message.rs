//! A message, which its sender does not wait for.

use flowgen::{Result, Visit};

use super::Lanes;
use crate::script::Script;

/// The drawing.
pub mod drawing {
    flowgen::flow! {
        Desk { # Front desk
            n1: circle label:"Guest came"
            n2: rectangle label:"Check in"
            n3: rectangle label:"Hand over key"
            n4: circle label:"Guest has the key"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n2.handle(bottom) -> Floor.n5.handle(top) [label="async: Room is taken"]
            n3.handle(right) -> n4.handle(left)
        }
        Floor { # Housekeeping
            n5: rectangle label:"Strike room off"
            n6: circle label:"List is right"
            n5.handle(right) -> n6.handle(left)
        }
    }
}

use drawing::{desk::Desk, floor::Floor};

/// The flow.
#[must_use]
pub fn flow() -> drawing::Flow<Lanes, Lanes> {
    drawing::Flow { desk: Lanes, floor: Lanes }
}

impl Desk<Script> for Lanes {
    async fn check_in(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
    async fn hand_over_key(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

impl Floor<Script> for Lanes {
    async fn strike_room_off(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

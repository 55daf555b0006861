//! Two branches, each with a compensable step, and their join.

use flowgen::{Effect, Result, Visit};

use super::Lanes;
use crate::script::Script;

/// The drawing.
pub mod drawing {
    flowgen::flow! {
        Trip { # Trip desk
            n1: circle label:"Trip wanted"
            n2: rectangle label:"Look for both"
            n3: rectangle label:"Write itinerary"
            n4: circle label:"Trip booked"
            n1.handle(right) -> n2.handle(left)
            n2.handle(top) -> Air.n5.handle(left) [label="Flight"]
            n2.handle(bottom) -> Rooms.n7.handle(left) [label="Room"]
            n3.handle(right) -> n4.handle(left)
        }
        Air { # Airline
            n5: rectangle label:"Hold seat"
            n6: rectangle label:"Give up seat"
            n5.handle(right) -> Trip.n3.handle(top)
            n5.handle(bottom) -> n6.handle(top) [label="compensated by"]
        }
        Rooms { # Hotel
            n7: rectangle label:"Hold room"
            n8: rectangle label:"Air room"
            n9: rectangle label:"Give up room"
            n7.handle(right) -> n8.handle(left)
            n8.handle(right) -> Trip.n3.handle(bottom)
            n7.handle(bottom) -> n9.handle(top) [label="compensated by"]
        }
    }
}

use drawing::{air, rooms, trip};

/// The flow.
#[must_use]
pub fn flow() -> drawing::Flow<Lanes, Lanes, Lanes> {
    drawing::Flow { trip: Lanes, air: Lanes, rooms: Lanes }
}

impl trip::Trip<Script> for Lanes {
    async fn look_for_both(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
    async fn write_itinerary(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

impl air::Air<Script> for Lanes {
    async fn hold_seat(&self, cx: &mut Script, visit: &Visit) -> Result<Effect> {
        cx.act(visit).await
    }
}

impl air::Compensation<Script> for Lanes {
    async fn give_up_seat(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

impl rooms::Rooms<Script> for Lanes {
    async fn hold_room(&self, cx: &mut Script, visit: &Visit) -> Result<Effect> {
        cx.act(visit).await
    }
    async fn air_room(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

impl rooms::Compensation<Script> for Lanes {
    async fn give_up_room(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

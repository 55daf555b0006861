//! Three steps with a drawn rollback: from a trigger, the last step first, to a separate end.

use flowgen::{Effect, Result, Visit};

use super::Lanes;
use crate::script::Script;

/// The drawing.
pub mod drawing {
    flowgen::flow! {
        Club { # Club
            n1: circle label:"Asked to join"
            n2: rectangle label:"Reserve locker"
            n3: rectangle label:"Charge fee"
            n4: rectangle label:"Print card"
            n5: diamond label:"Card good?"
            n6: circle label:"Member"
            n7: rectangle label:"Turn down"
            n8: rectangle label:"Shred card"
            n9: rectangle label:"Pay back fee"
            n10: rectangle label:"Free locker"
            n11: circle label:"Turned down"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left)
            n4.handle(right) -> n5.handle(left)
            n5.handle(right) -> n6.handle(left) [label="Yes"]
            n5.handle(bottom) -> n7.handle(top) [label="No"]
            n7.handle(left) -> n8.handle(right)
            n8.handle(left) -> n9.handle(right)
            n9.handle(left) -> n10.handle(right)
            n10.handle(left) -> n11.handle(right)
            n4.handle(bottom) -> n8.handle(top) [label="compensated by"]
            n3.handle(bottom) -> n9.handle(top) [label="compensated by"]
            n2.handle(bottom) -> n10.handle(top) [label="compensated by"]
        }
    }
}

use drawing::club::{CardGood, Club, Compensation};

/// The flow.
#[must_use]
pub fn flow() -> drawing::Flow<Lanes> {
    drawing::Flow { club: Lanes }
}

impl Club<Script> for Lanes {
    async fn reserve_locker(&self, cx: &mut Script, visit: &Visit) -> Result<Effect> {
        cx.act(visit).await
    }
    async fn charge_fee(&self, cx: &mut Script, visit: &Visit) -> Result<Effect> {
        cx.act(visit).await
    }
    async fn print_card(&self, cx: &mut Script, visit: &Visit) -> Result<Effect> {
        cx.act(visit).await
    }
    async fn card_good(&self, cx: &Script, visit: &Visit) -> Result<CardGood> {
        cx.decide(visit, &[CardGood::Yes, CardGood::No]).await
    }
    async fn turn_down(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

impl Compensation<Script> for Lanes {
    async fn shred_card(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
    async fn pay_back_fee(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
    async fn free_locker(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
}

//! A decision with three outcomes and three ends, one of them after a second decision.

use flowgen::{Result, Visit};

use super::Lanes;
use crate::script::Script;

/// The drawing.
pub mod drawing {
    flowgen::flow! {
        Bank { # Bank
            n1: circle label:"Loan wanted"
            n2: rectangle label:"Look at income"
            n3: diamond label:"How good?"
            n4: rectangle label:"Pay out"
            n5: circle label:"Lent"
            n6: rectangle label:"Ask for a guarantee"
            n7: diamond label:"Guaranteed?"
            n8: circle label:"Refused"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n3.handle(right) -> n4.handle(left) [label="Good"]
            n3.handle(bottom) -> n6.handle(top) [label="Fair"]
            n3.handle(top) -> n8.handle(top) [label="Poor"]
            n4.handle(right) -> n5.handle(left)
            n6.handle(right) -> n7.handle(left)
            n7.handle(top) -> n4.handle(bottom) [label="Yes"]
            n7.handle(right) -> n8.handle(left) [label="No"]
        }
    }
}

use drawing::bank::{Bank, Guaranteed, HowGood};

/// The flow.
#[must_use]
pub fn flow() -> drawing::Flow<Lanes> {
    drawing::Flow { bank: Lanes }
}

impl Bank<Script> for Lanes {
    async fn look_at_income(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
    async fn how_good(&self, cx: &Script, visit: &Visit) -> Result<HowGood> {
        cx.decide(visit, &[HowGood::Good, HowGood::Fair, HowGood::Poor]).await
    }
    async fn pay_out(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
    async fn ask_for_a_guarantee(&self, cx: &mut Script, visit: &Visit) -> Result {
        cx.just_act(visit).await
    }
    async fn guaranteed(&self, cx: &Script, visit: &Visit) -> Result<Guaranteed> {
        cx.decide(visit, &[Guaranteed::Yes, Guaranteed::No]).await
    }
}

//! Ten steps that do next to nothing, in two lanes.

use std::hint::black_box;

use flowgen::{Node as _, Result, Visit};

use flow::left::Left;
use flow::right::Right;

mod flow {
    flowgen::flow! {
        Left { # Left
            start: circle label:"Start"
            step1: rectangle label:"One"
            step2: rectangle label:"Two"
            step3: rectangle label:"Three"
            step4: rectangle label:"Four"
            step5: rectangle label:"Five"
            start.handle(right) -> step1.handle(left)
            step1.handle(right) -> step2.handle(left)
            step2.handle(right) -> step3.handle(left)
            step3.handle(right) -> step4.handle(left)
            step4.handle(right) -> step5.handle(left)
            step5.handle(bottom) -> Right.step6.handle(top)
        }
        Right { # Right
            step6: rectangle label:"Six"
            step7: rectangle label:"Seven"
            step8: rectangle label:"Eight"
            step9: rectangle label:"Nine"
            step10: rectangle label:"Ten"
            end: circle label:"End"
            step6.handle(right) -> step7.handle(left)
            step7.handle(right) -> step8.handle(left)
            step8.handle(right) -> step9.handle(left)
            step9.handle(right) -> step10.handle(left)
            step10.handle(right) -> end.handle(left)
        }
    }
}

pub(super) const STEPS: u32 = 10;

/// How many steps were done.
#[derive(PartialEq)]
pub(super) struct Count(pub(super) u32);

struct Counting;

/// What each step does: so little that the rest is what is measured, and not nothing, so that the
/// compiler cannot leave it out.
fn count(cx: &mut Count) {
    cx.0 = black_box(cx.0 + 1);
}

macro_rules! steps {
    ($lane:ident: $($step:ident)*) => {
        impl $lane<Count> for Counting {
            $(async fn $step(&self, cx: &mut Count, _: &Visit) -> Result { count(cx); Ok(()) })*
        }
    };
}

steps!(Left: one two three four five);
steps!(Right: six seven eight nine ten);

pub(super) async fn by_flow() -> Count {
    let flow = flow::Flow { left: Counting, right: Counting };
    flow.run(Count(0)).await.cx
}

/// What a step is told, made once: calls by hand have no use for it.
pub(super) fn visit() -> Visit {
    Visit::new("by hand", flow::Node::One.spec(), 1)
}

pub(super) async fn by_hand(visit: &Visit) -> Count {
    let mut cx = Count(0);
    // The steps never fail.
    let _ = all(&Counting, &mut cx, visit).await;
    cx
}

async fn all(lane: &Counting, cx: &mut Count, visit: &Visit) -> Result {
    lane.one(cx, visit).await?;
    lane.two(cx, visit).await?;
    lane.three(cx, visit).await?;
    lane.four(cx, visit).await?;
    lane.five(cx, visit).await?;
    lane.six(cx, visit).await?;
    lane.seven(cx, visit).await?;
    lane.eight(cx, visit).await?;
    lane.nine(cx, visit).await?;
    lane.ten(cx, visit).await
}

//! A flow that has no context for the branches of its fork.

use flowgen::{Effect, Flow, Fork, Next, Node as _, Result, Runner, Visit};
use serde::{Deserialize, Serialize};

pub(crate) mod drawing {
    flowgen::flow! {
        Desk { # Desk
            n1: circle label:"Asked"
            n2: rectangle label:"Take sheet"
            n3: rectangle label:"Fill in left half"
            n4: rectangle label:"Fill in right half"
            n5: rectangle label:"Glue sheet"
            n6: circle label:"Done"
            n7: rectangle label:"Put sheet back"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n2.handle(bottom) -> n4.handle(left)
            n3.handle(right) -> n5.handle(left)
            n4.handle(right) -> n5.handle(bottom)
            n5.handle(right) -> n6.handle(left)
            n2.handle(top) -> n7.handle(top) [label="compensated by"]
        }
    }
}

use drawing::{Node, desk};

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sheet {
    pub(crate) done: Vec<String>,
}

impl Sheet {
    fn did(&mut self, visit: &Visit) {
        self.done.push(visit.node().id.to_owned());
    }
}

impl Fork for Sheet {
    fn fork(&self) -> Self {
        Self::default()
    }
    fn join(&mut self, _: Self) {}
}

pub(crate) struct Clerk;

/// The flow, but for the copies of its context.
pub(crate) struct Torn(drawing::Flow<Clerk>);

pub(crate) static TORN: Torn = Torn(drawing::Flow { desk: Clerk });

impl Torn {
    pub(crate) fn runner(&self) -> Runner<&Self> {
        Runner::new(self, Node::Asked.index())
    }
}

impl Flow<Sheet> for Torn {
    type Node = Node;

    async fn step(&self, at: Node, sheet: &mut Sheet, visit: &Visit) -> Result<Next<Node>> {
        self.0.step(at, sheet, visit).await
    }

    fn fork(_: &Sheet) -> Option<Sheet> {
        None
    }

    fn join(_: &mut Sheet, _: Sheet) {}
}

impl desk::Desk<Sheet> for Clerk {
    async fn take_sheet(&self, sheet: &mut Sheet, visit: &Visit) -> Result<Effect> {
        sheet.did(visit);
        Ok(Effect::Done)
    }
    async fn fill_in_left_half(&self, sheet: &mut Sheet, visit: &Visit) -> Result {
        sheet.did(visit);
        Ok(())
    }
    async fn fill_in_right_half(&self, sheet: &mut Sheet, visit: &Visit) -> Result {
        sheet.did(visit);
        Ok(())
    }
    async fn glue_sheet(&self, sheet: &mut Sheet, visit: &Visit) -> Result {
        sheet.did(visit);
        Ok(())
    }
}

impl desk::Compensation<Sheet> for Clerk {
    async fn put_sheet_back(&self, sheet: &mut Sheet, visit: &Visit) -> Result {
        sheet.did(visit);
        Ok(())
    }
}

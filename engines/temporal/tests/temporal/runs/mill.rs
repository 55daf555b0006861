//! A loop that goes round often, and says so each time to somebody who does not wait.

use flowgen::{Fork, Result, Visit};
use serde::{Deserialize, Serialize};

pub(crate) mod drawing {
    flowgen::flow! {
        Mill { # Mill
            n1: circle label:"Grain came"
            n2: rectangle label:"Grind grain"
            n3: diamond label:"Fine enough?"
            n4: circle label:"Flour ready"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> n3.handle(left)
            n2.handle(bottom) -> Office.n5.handle(top) [label="async: Round made"]
            n3.handle(right) -> n4.handle(left) [label="Yes"]
            n3.handle(bottom) -> n2.handle(bottom) [label="No"]
        }
        Office { # Office
            n5: rectangle label:"Count round"
            n6: circle label:"Counted"
            n5.handle(right) -> n6.handle(left)
        }
    }
}

use drawing::{mill, office};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Grain {
    pub(crate) rounds: u32,
    pub(crate) sent: u32,
}

impl Fork for Grain {
    fn fork(&self) -> Self {
        Self { ..*self }
    }
    fn join(&mut self, _: Self) {}
}

pub(crate) struct Miller;

pub(crate) static MILL: drawing::Flow<Miller, Miller> = drawing::Flow { mill: Miller, office: Miller };

impl mill::Mill<Grain> for Miller {
    async fn grind_grain(&self, grain: &mut Grain, _: &Visit) -> Result {
        grain.sent += 1;
        Ok(())
    }
    async fn fine_enough(&self, grain: &Grain, _: &Visit) -> Result<mill::FineEnough> {
        Ok(if grain.sent < grain.rounds { mill::FineEnough::No } else { mill::FineEnough::Yes })
    }
}

impl office::Office<Grain> for Miller {
    async fn count_round(&self, _: &mut Grain, _: &Visit) -> Result {
        Ok(())
    }
}

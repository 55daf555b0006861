//! A lane without its service, and a lane that does not undo what it has to.

mod travel {
    flowgen::flow! {
        Hotel { # Hotel
            n1: circle label:"Start"
            n2: rectangle label:"Reserve room"
            n3: diamond label:"Confirmed?"
            n4: circle label:"Booked"
            n5: rectangle label:"Release room"
            n6: circle label:"Not booked"
            n1.handle(right) -> n2.handle(left)
            n2.handle(right) -> Desk.n7.handle(left) [label="Room"]
            n3.handle(right) -> n4.handle(left) [label="Yes"]
            n3.handle(bottom) -> n5.handle(top) [label="No"]
            n5.handle(right) -> n6.handle(left)
            n2.handle(bottom) -> n5.handle(left) [label="compensated by"]
        }
        Desk { # Desk
            n7: rectangle label:"Ask guest"
            n7.handle(right) -> Hotel.n3.handle(left) [label="Answer"]
        }
    }
}

use flowgen::{Effect, Result, Visit};
use flowgen_sqlite::Engine;
use travel::hotel::{Confirmed, Hotel};

struct Inn;

impl Hotel<()> for Inn {
    async fn reserve_room(&self, (): &mut (), _: &Visit) -> Result<Effect> {
        Ok(Effect::Done)
    }
    async fn confirmed(&self, (): &(), _: &Visit) -> Result<Confirmed> {
        Ok(if true { Confirmed::Yes } else { Confirmed::No })
    }
}

#[tokio::main]
async fn main() {
    let flow = travel::Flow { hotel: Inn, desk: Inn };
    let engine: Engine<_, ()> = Engine::open("runs.db", flow.into_runner()).await.unwrap();
    drop(engine);
}

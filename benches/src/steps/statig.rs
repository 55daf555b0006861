//! The peer: as many states, each of which goes on to the next.

use std::fmt::Write as _;

pub(crate) fn main(states: usize) -> String {
    let mut main = HEAD.to_owned();
    for state in 0..states {
        let next = (state + 1) % states;
        // Writing to a string cannot fail.
        let _ = write!(
            main,
            "    #[state]\n    fn s{state}(event: &Event) -> Outcome<State> {{\n        \
             match event {{ Event::Next => Transition(State::s{next}()) }}\n    }}\n"
        );
    }
    main + TAIL
}

const HEAD: &str = r#"use statig::prelude::*;

#[derive(Default)]
pub struct Machine;

pub enum Event {
    Next,
}

#[state_machine(initial = "State::s0()")]
impl Machine {
"#;

const TAIL: &str = "}

fn main() {
    Machine.state_machine().handle(&Event::Next);
}
";

//! Who may pass: the state of a breaker, in one word.
//!
//! Whether a call is admitted is decided here and nowhere else, without a lock. While the breaker is
//! closed that is one load.
//!
//! Invariant: in one epoch no more probes hold a pass, or have used one up, than `probes` allows. What
//! belongs to an epoch that is over changes nothing any more.

use std::fmt;

use super::sync::{AtomicU64, Ordering};

/// The state of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// Calls are admitted, and what comes of them is counted.
    Closed = 0,
    /// Calls are rejected until it is time to probe.
    Open = 1,
    /// A few calls are admitted, to see whether the target has recovered.
    HalfOpen = 2,
    /// Calls are rejected until an operator says otherwise.
    ForcedOpen = 3,
    /// Calls are admitted and nothing is counted, until an operator says otherwise.
    Disabled = 4,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half open",
            Self::ForcedOpen => "forced open",
            Self::Disabled => "disabled",
        })
    }
}

/// The time between two changes of the state. No two epochs of a breaker are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

/// Lets one call through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    /// When it was given.
    pub(crate) epoch: Epoch,
    /// The state it was given in.
    pub(crate) state: State,
}

/// A state, the probes that were admitted in it, and its epoch: 8, 16 and 40 bits.
#[derive(Clone, Copy)]
struct Word(u64);

const STATE_BITS: u32 = 8;
const PROBE_BITS: u32 = 16;
const EPOCH_SHIFT: u32 = STATE_BITS + PROBE_BITS;
const ONE_PROBE: u64 = 1 << STATE_BITS;

/// Holds the state.
#[derive(Debug)]
pub(crate) struct Gate(AtomicU64);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(Word::new(State::Closed, Epoch(0)).0))
    }

    pub(crate) fn state(&self) -> State {
        self.word().state()
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.word().epoch()
    }

    /// The probes that hold a pass of this epoch, or have used one up.
    pub(crate) fn probes(&self) -> u16 {
        self.word().probes()
    }

    /// Lets a call through, or says which state keeps it out.
    pub(crate) fn enter(&self, probes: u16) -> Result<Pass, State> {
        let mut word = self.word();
        loop {
            let state = word.state();
            let pass = Pass { epoch: word.epoch(), state };
            match state {
                State::Closed | State::Disabled => return Ok(pass),
                State::Open | State::ForcedOpen => return Err(state),
                State::HalfOpen if word.probes() >= probes => return Err(state),
                State::HalfOpen => match self.exchange(word, Word(word.0 + ONE_PROBE)) {
                    Ok(()) => return Ok(pass),
                    Err(now) => word = now,
                },
            }
        }
    }

    /// Takes back the pass of a probe of which nothing was learnt, so that another one can have it.
    pub(crate) fn hand_back(&self, pass: Pass) {
        let mut word = self.word();
        while pass.state == State::HalfOpen && word.epoch() == pass.epoch {
            match self.exchange(word, Word(word.0 - ONE_PROBE)) {
                Ok(()) => return,
                Err(now) => word = now,
            }
        }
    }

    /// Begins a new epoch in this state. Only one at a time may call it.
    pub(crate) fn change(&self, to: State) -> Epoch {
        let epoch = self.epoch().next();
        self.0.swap(Word::new(to, epoch).0, Ordering::AcqRel);
        epoch
    }

    fn word(&self) -> Word {
        Word(self.0.load(Ordering::Acquire))
    }

    fn exchange(&self, old: Word, new: Word) -> Result<(), Word> {
        self.0
            .compare_exchange_weak(old.0, new.0, Ordering::AcqRel, Ordering::Acquire)
            .map(|_| ())
            .map_err(Word)
    }
}

impl Epoch {
    /// Comes round after 2^40 changes: at one a millisecond, after thirty-four years.
    fn next(self) -> Self {
        Self((self.0 + 1) & (u64::MAX >> EPOCH_SHIFT))
    }
}

impl Word {
    fn new(state: State, epoch: Epoch) -> Self {
        Self(epoch.0 << EPOCH_SHIFT | state as u64)
    }

    fn state(self) -> State {
        match self.0 & 0xff {
            0 => State::Closed,
            1 => State::Open,
            2 => State::HalfOpen,
            3 => State::ForcedOpen,
            _ => State::Disabled,
        }
    }

    fn probes(self) -> u16 {
        (self.0 >> STATE_BITS) as u16
    }

    fn epoch(self) -> Epoch {
        Epoch(self.0 >> EPOCH_SHIFT)
    }
}

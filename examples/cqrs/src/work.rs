//! What a run carries along: what it was started with, and what its lanes have made of it so far.

use std::sync::Arc;

use flowgen::{Fault, Fork, Result};
use tokio::sync::OwnedMutexGuard;

use crate::domain::{Account, Command, Event, Refusal, Seen};
use crate::history::Damage;
use crate::store::{Advance, Appended, Behind, Colour, DeadLetter, Origin, Receipt};
use crate::view::{Answer, Question};

/// What a run is about.
#[derive(Clone, Debug)]
pub enum Work {
    /// A command is carried out.
    Command(Box<Handling>),
    /// A query is answered.
    Query(Box<Asking>),
    /// What commands did is followed: by a view, and by messages to others.
    Follow(Box<Following>),
}

/// A command on its way.
#[derive(Clone, Debug)]
pub struct Handling {
    /// Its id: the same id twice has one effect.
    pub id: String,
    /// The account.
    pub account: String,
    /// What is wanted of it.
    pub command: Command,
    /// Where it comes from.
    pub origin: Origin,
    /// What the caller has seen of the account, if the command is to hold for that alone.
    pub seen: Option<Seen>,
    /// The account as it was loaded, with its version.
    pub loaded: (Account, i64),
    /// Why it could not be loaded.
    pub damage: Option<Damage>,
    /// What the command came to, now or before.
    pub receipt: Option<Receipt>,
    /// What is to happen.
    pub decided: Result<Vec<Event>, Refusal>,
    /// What came of appending that.
    pub appended: Option<Appended>,
    /// The account is not at a version that the caller has seen.
    pub is_elsewhere: bool,
    /// How often it was appended in vain.
    pub in_vain: u32,
    /// Others are to be told something.
    pub has_messages: bool,
}

/// A query on its way.
#[derive(Clone, Debug)]
pub struct Asking {
    /// What somebody wants to know.
    pub question: Question,
    /// The position that the view has to show.
    pub at_least: i64,
    /// The view shows it.
    pub is_recent: bool,
    /// What the view says.
    pub answer: Option<Answer>,
    /// The position of the last event that the answer shows.
    pub shows: i64,
    /// The dead letter because of which the answer lacks what the caller wants to see.
    pub held_up: Option<DeadLetter>,
}

/// What follows commands.
#[derive(Clone, Debug, Default)]
pub struct Following {
    /// The position up to which there is something to do. Without one, it is looked.
    pub until: Option<i64>,
    /// There are messages to send.
    pub has_messages: bool,
    /// It is the spare view that follows, from nothing.
    pub is_rebuild: bool,
    /// The view that is built, which is to be live then.
    pub spare: Option<Colour>,
    /// The run that holds it, and copies of its context, are the only ones that move the view on, or send.
    pub turn: Option<Arc<OwnedMutexGuard<()>>>,
    /// The events behind the view, if there are any, and what the view holds.
    pub read: Option<Behind>,
    /// What the events make of the view.
    pub advance: Option<Advance>,
    /// The events that can't be applied.
    pub dead: Vec<DeadLetter>,
    /// The spare view is the live one now.
    pub is_switched: bool,
    /// There may be more to send.
    pub has_more: bool,
}

impl Work {
    /// A command for an account.
    #[must_use]
    pub fn command(id: String, account: String, command: Command, seen: Option<Seen>) -> Self {
        Self::Command(Box::new(Handling {
            id,
            account,
            command,
            origin: Origin::default(),
            seen,
            loaded: (Account::default(), 0),
            damage: None,
            receipt: None,
            decided: Ok(Vec::new()),
            appended: None,
            is_elsewhere: false,
            in_vain: 0,
            has_messages: false,
        }))
    }

    /// Sets the origin of a command.
    #[must_use]
    pub fn with_origin(mut self, origin: Origin) -> Self {
        if let Self::Command(handling) = &mut self {
            handling.origin = origin;
        }
        self
    }

    /// A query that is to show at least this position.
    #[must_use]
    pub fn query(question: Question, at_least: i64) -> Self {
        let asking = Asking { question, at_least, is_recent: false, answer: None, shows: 0, held_up: None };
        Self::Query(Box::new(asking))
    }

    /// A look for whatever is not followed yet.
    #[must_use]
    pub fn look() -> Self {
        Self::Follow(Box::new(Following { has_messages: true, ..Following::default() }))
    }

    /// A new view from nothing, by whoever has the turn.
    #[must_use]
    pub fn rebuild(turn: OwnedMutexGuard<()>) -> Self {
        Self::Follow(Box::new(Following {
            is_rebuild: true,
            turn: Some(Arc::new(turn)),
            ..Following::default()
        }))
    }

    /// The command, in lanes that only commands come to.
    ///
    /// # Errors
    ///
    /// The drawing leads something else there.
    pub fn handling(&self) -> Result<&Handling> {
        if let Self::Command(handling) = self { Ok(handling) } else { Err(astray("command")) }
    }

    /// The same, to work on it.
    ///
    /// # Errors
    ///
    /// The drawing leads something else there.
    pub fn handling_mut(&mut self) -> Result<&mut Handling> {
        if let Self::Command(handling) = self { Ok(handling) } else { Err(astray("command")) }
    }

    /// The query, in lanes that only queries come to.
    ///
    /// # Errors
    ///
    /// The drawing leads something else there.
    pub fn asking(&self) -> Result<&Asking> {
        if let Self::Query(asking) = self { Ok(asking) } else { Err(astray("query")) }
    }

    /// The same, to work on it.
    ///
    /// # Errors
    ///
    /// The drawing leads something else there.
    pub fn asking_mut(&mut self) -> Result<&mut Asking> {
        if let Self::Query(asking) = self { Ok(asking) } else { Err(astray("query")) }
    }

    /// What follows commands, in lanes that nothing else comes to.
    ///
    /// # Errors
    ///
    /// The drawing leads something else there.
    pub fn following(&self) -> Result<&Following> {
        if let Self::Follow(following) = self { Ok(following) } else { Err(astray("follower")) }
    }

    /// The same, to work on it.
    ///
    /// # Errors
    ///
    /// The drawing leads something else there.
    pub fn following_mut(&mut self) -> Result<&mut Following> {
        if let Self::Follow(following) = self { Ok(following) } else { Err(astray("follower")) }
    }
}

fn astray(wanted: &str) -> Fault {
    Fault::new(format!("the drawing leads a run here that is no {wanted}"))
}

impl Handling {
    /// What is wanted of the account, as it is kept with the receipt.
    ///
    /// # Errors
    ///
    /// None for commands that JSON can hold, which is all of them.
    pub fn wanted(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.command)?)
    }
}

/// What a command sends off follows what the command did.
impl Fork for Work {
    fn fork(&self) -> Self {
        let mut following = Following::default();
        if let Self::Command(handling) = self {
            following.until = handling.receipt.as_ref().map(|receipt| receipt.position);
            following.has_messages = handling.has_messages;
        }
        Self::Follow(Box::new(following))
    }

    /// Nothing comes back: nobody waits for what follows.
    fn join(&mut self, _: Self) {}
}

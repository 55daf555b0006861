//! The context of a run: the input of its start and the results of its lanes.

use std::sync::Arc;

use flowgen::{Fault, Fork, Result};
use tokio::sync::OwnedMutexGuard;

use crate::domain::{Account, Command, Event, Refusal, Seen};
use crate::history::Damage;
use crate::store::{Advance, Appended, Behind, Colour, DeadLetter, Origin, Receipt};
use crate::view::{Answer, Question};

/// The context of a run, by its kind.
#[derive(Clone, Debug)]
pub enum Work {
    /// A command is being handled.
    Command(Box<Handling>),
    /// A query is being answered.
    Query(Box<Asking>),
    /// New events are being processed: a view is updated, and messages are sent.
    Follow(Box<Following>),
}

/// A command being handled.
#[derive(Clone, Debug)]
pub struct Handling {
    /// The command id. Commands with the same id have one effect.
    pub id: String,
    /// The account.
    pub account: String,
    /// The command.
    pub command: Command,
    /// The origin of the command.
    pub origin: Origin,
    /// The state of the account that the command requires, if the caller has given one.
    pub seen: Option<Seen>,
    /// The loaded account with its version.
    pub loaded: (Account, i64),
    /// Why the account could not be loaded.
    pub damage: Option<Damage>,
    /// The receipt of the command, from this run or from an earlier one.
    pub receipt: Option<Receipt>,
    /// The decided events, or why the command was refused.
    pub decided: Result<Vec<Event>, Refusal>,
    /// The result of appending the events.
    pub appended: Option<Appended>,
    /// The version of the account is not one that the caller has seen.
    pub is_elsewhere: bool,
    /// The number of failed attempts to append the events.
    pub in_vain: u32,
    /// Whether there are messages to send.
    pub has_messages: bool,
}

/// A query being answered.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The query.
    pub question: Question,
    /// The position that the view must have reached.
    pub at_least: i64,
    /// Whether the view has reached it.
    pub is_recent: bool,
    /// The answer of the view.
    pub answer: Option<Answer>,
    /// The position of the last event in the answer.
    pub shows: i64,
    /// The dead letter that keeps the answer from showing the requested position.
    pub held_up: Option<DeadLetter>,
}

/// The processing of new events.
#[derive(Clone, Debug, Default)]
pub struct Following {
    /// The position up to which events are to be applied. `None` means all events.
    pub until: Option<i64>,
    /// Whether there are messages to send.
    pub has_messages: bool,
    /// Whether the spare view is rebuilt from the first event.
    pub is_rebuild: bool,
    /// The spare view that is rebuilt and becomes live.
    pub spare: Option<Colour>,
    /// The lock of the view, shared by copies of this context: only its holder may update the view or send
    /// messages.
    pub turn: Option<Arc<OwnedMutexGuard<()>>>,
    /// The events after the position of the view, if there are any, and the accounts that they change.
    pub read: Option<Behind>,
    /// The update of the view by these events.
    pub advance: Option<Advance>,
    /// The events that can't be applied.
    pub dead: Vec<DeadLetter>,
    /// Whether the spare view has become the live one.
    pub is_switched: bool,
    /// Whether there may be more messages to send.
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

    /// A query that requires the view to have reached at least this position.
    #[must_use]
    pub fn query(question: Question, at_least: i64) -> Self {
        let asking = Asking { question, at_least, is_recent: false, answer: None, shows: 0, held_up: None };
        Self::Query(Box::new(asking))
    }

    /// Processes all events and messages that have not been processed yet.
    #[must_use]
    pub fn look() -> Self {
        Self::Follow(Box::new(Following { has_messages: true, ..Following::default() }))
    }

    /// Rebuilds a view from the first event. The caller holds the lock.
    #[must_use]
    pub fn rebuild(turn: OwnedMutexGuard<()>) -> Self {
        Self::Follow(Box::new(Following {
            is_rebuild: true,
            turn: Some(Arc::new(turn)),
            ..Following::default()
        }))
    }

    /// The command, in lanes that process only commands.
    ///
    /// # Errors
    ///
    /// The run is not about a command, so the drawing is wrong.
    pub fn handling(&self) -> Result<&Handling> {
        if let Self::Command(handling) = self { Ok(handling) } else { Err(astray("command")) }
    }

    /// The command, mutable.
    ///
    /// # Errors
    ///
    /// The run is not about a command, so the drawing is wrong.
    pub fn handling_mut(&mut self) -> Result<&mut Handling> {
        if let Self::Command(handling) = self { Ok(handling) } else { Err(astray("command")) }
    }

    /// The query, in lanes that process only queries.
    ///
    /// # Errors
    ///
    /// The run is not about a query, so the drawing is wrong.
    pub fn asking(&self) -> Result<&Asking> {
        if let Self::Query(asking) = self { Ok(asking) } else { Err(astray("query")) }
    }

    /// The query, mutable.
    ///
    /// # Errors
    ///
    /// The run is not about a query, so the drawing is wrong.
    pub fn asking_mut(&mut self) -> Result<&mut Asking> {
        if let Self::Query(asking) = self { Ok(asking) } else { Err(astray("query")) }
    }

    /// The processing of new events, in lanes that do nothing else.
    ///
    /// # Errors
    ///
    /// The run does not process events, so the drawing is wrong.
    pub fn following(&self) -> Result<&Following> {
        if let Self::Follow(following) = self { Ok(following) } else { Err(astray("follower")) }
    }

    /// The processing of new events, mutable.
    ///
    /// # Errors
    ///
    /// The run does not process events, so the drawing is wrong.
    pub fn following_mut(&mut self) -> Result<&mut Following> {
        if let Self::Follow(following) = self { Ok(following) } else { Err(astray("follower")) }
    }
}

fn astray(wanted: &str) -> Fault {
    Fault::new(format!("the drawing leads a run here that is no {wanted}"))
}

impl Handling {
    /// The command as JSON, as it is stored with the receipt.
    ///
    /// # Errors
    ///
    /// The command can't be serialized. This does not happen with the commands of this crate.
    pub fn wanted(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.command)?)
    }
}

/// A message of a command processes the events of that command.
impl Fork for Work {
    fn fork(&self) -> Self {
        let mut following = Following::default();
        if let Self::Command(handling) = self {
            following.until = handling.receipt.as_ref().map(|receipt| receipt.position);
            following.has_messages = handling.has_messages;
        }
        Self::Follow(Box::new(following))
    }

    /// Does nothing: the sender does not wait for the message.
    fn join(&mut self, _: Self) {}
}

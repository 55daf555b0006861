//! What an account may do: given what has happened, when something is wanted, then this happens.

use cqrs::domain::{Account, Command, Event, MOST_CENTS, Refusal};

/// What has happened so far.
struct Given(Vec<Event>);

/// What came of a command.
struct When(Result<Vec<Event>, Refusal>);

fn given(events: impl Into<Vec<Event>>) -> Given {
    Given(events.into())
}

impl Given {
    fn when(self, command: Command) -> When {
        let account = self.0.iter().fold(Account::default(), Account::after);
        When(account.decide(&command))
    }
}

impl When {
    fn then(self, events: impl Into<Vec<Event>>) {
        assert_eq!(self.0, Ok(events.into()));
    }

    fn then_refused(self, why: Refusal) {
        assert_eq!(self.0, Err(why));
    }
}

fn open(owner: &str) -> Command {
    Command::Open { owner: owner.to_owned() }
}

fn opened() -> Event {
    Event::Opened { owner: "Alice".to_owned() }
}

fn deposit(cents: u64) -> Command {
    Command::Deposit { cents, reference: "wages".to_owned() }
}

fn deposited(cents: u64) -> Event {
    Event::Deposited { cents, reference: "wages".to_owned() }
}

fn withdraw(cents: u64) -> Command {
    Command::Withdraw { cents, reference: "rent".to_owned() }
}

fn withdrawn(cents: u64) -> Event {
    Event::Withdrawn { cents, reference: "rent".to_owned() }
}

#[test]
fn an_account_is_opened_once() {
    given([]).when(open("Alice")).then([opened()]);
    given([opened()]).when(open("Alice")).then_refused(Refusal::Opened);
    given([opened(), Event::Closed {}]).when(open("Bob")).then_refused(Refusal::Opened);
}

#[test]
fn an_account_has_an_owner() {
    given([]).when(open("  ")).then_refused(Refusal::NoOwner);
    given([]).when(open(&"x".repeat(201))).then_refused(Refusal::NoOwner);
    given([]).when(open(&"é".repeat(200))).then([Event::Opened { owner: "é".repeat(200) }]);
}

#[test]
fn money_is_deposited_and_withdrawn() {
    given([opened()]).when(deposit(500)).then([deposited(500)]);
    given([opened(), deposited(500)]).when(withdraw(500)).then([withdrawn(500)]);
    given([opened(), deposited(500), withdrawn(200)])
        .when(withdraw(301))
        .then_refused(Refusal::NotEnough { cents: 300 });
}

#[test]
fn amounts_have_bounds() {
    given([opened()]).when(deposit(0)).then_refused(Refusal::NoAmount);
    given([opened()]).when(withdraw(0)).then_refused(Refusal::NoAmount);
    given([opened()]).when(deposit(MOST_CENTS)).then([deposited(MOST_CENTS)]);
    given([opened()]).when(deposit(u64::MAX)).then_refused(Refusal::NoAmount);
    given([opened(), deposited(1)]).when(deposit(MOST_CENTS)).then_refused(Refusal::NoAmount);
}

#[test]
fn a_reference_fits_on_a_statement() {
    let reference = "x".repeat(201);
    let pay = Command::Deposit { cents: 1, reference: reference.clone() };
    given([opened()]).when(pay).then_refused(Refusal::LongReference);
    let take = Command::Withdraw { cents: 1, reference };
    given([opened(), deposited(1)]).when(take).then_refused(Refusal::LongReference);
}

#[test]
fn an_account_that_is_not_open_does_nothing() {
    for command in [deposit(1), withdraw(1), Command::Close] {
        given([]).when(command.clone()).then_refused(Refusal::NotOpened);
        given([opened(), Event::Closed {}]).when(command).then_refused(Refusal::Closed);
    }
}

#[test]
fn an_account_is_closed_when_it_is_empty() {
    given([opened(), deposited(1)]).when(Command::Close).then_refused(Refusal::NotEmpty { cents: 1 });
    given([opened(), deposited(1), withdrawn(1)]).when(Command::Close).then([Event::Closed {}]);
}

#[test]
fn events_are_read_as_they_were_written() {
    for event in [opened(), deposited(MOST_CENTS), withdrawn(1), Event::Closed {}] {
        let written = event.write();
        assert_eq!(Event::read(written.kind, written.shape, &written.body), Ok(event));
    }
}

#[test]
fn an_old_shape_is_made_new() {
    let old = Event::Deposited { cents: 12_00, reference: String::new() };
    assert_eq!(Event::read("deposited", 1, r#"{"euros":12}"#), Ok(old));
    let old = Event::Withdrawn { cents: 7_00, reference: String::new() };
    assert_eq!(Event::read("withdrawn", 1, r#"{"euros":7}"#), Ok(old));
}

#[test]
fn an_unreadable_event_has_its_reason() {
    let says = |kind, shape, body| Event::read(kind, shape, body).unwrap_err().to_string();
    assert!(says("frozen", 1, "{}").contains("no such event is known"));
    assert!(says("deposited", 3, "{}").contains("the newest shape that is known is 2"));
    assert!(says("deposited", 0, "{}").contains("the newest shape that is known is 2"));
    assert!(says("deposited", 1, r#"{"euros":"12"}"#).contains("`euros` is no amount"));
    assert!(says("deposited", 2, r#"{"cents":12}"#).contains("reference"));
    assert!(says("opened", 1, "not JSON").contains("the event `opened` of shape 1 can't be read"));
}

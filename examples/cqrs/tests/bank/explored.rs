//! Every outcome of every decision, and every fault, repeated call and late call at every step, from every start:
//! what a command did is there once, and the view shows the events.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flowgen::explore::{Answer, Coverage, Explorer, Scenario, Wanted};
use flowgen::{Flow, Next, Node as _, Result, RunResult, Runner, Visit};
use tokio::sync::OnceCell;

use cqrs::BankFlow;
use cqrs::domain::Seen;
use cqrs::drawing::{End, Node};
use cqrs::lanes::{Commands, EventStore, Follower, Outbox, Projection, Queries, Receiver};
use cqrs::store::Store;
use cqrs::view::Question;
use cqrs::work::Work;

use crate::world::{PAID, World, clock, deposit, open, withdraw};

/// What others do right before a visit of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Another process carries out the same command.
    SameCommand,
    /// Another command gets the id first.
    OtherCommand,
    /// Money is paid in.
    Pays,
    /// A newer program appends an event that this one can't read, to an account of its own.
    AppendsUnreadable,
    /// The same to the account of the command.
    Damages,
    /// The live view is moved on.
    Follows,
}

/// The flow, and others who use the same database.
struct Beside {
    flow: BankFlow,
    store: Store,
    world: World,
    acts: Mutex<BTreeMap<(u32, u32), &'static [Act]>>,
}

impl Beside {
    async fn act(&self, act: Act) {
        let by_others = |command| {
            let work = Work::command("pay".to_owned(), "alice".to_owned(), command, None);
            run(&self.flow, Node::CommandReceived, work)
        };
        match act {
            Act::SameCommand => drop(by_others(deposit(500)).await),
            Act::OtherCommand => drop(by_others(deposit(700)).await),
            Act::Pays => {
                let event = format!(
                    "INSERT INTO events (account, version, kind, shape, body, at_ms) \
                     SELECT 'alice', max(version) + 1, 'deposited', 2, '{PAID}', 0 FROM events \
                     WHERE account = 'alice'"
                );
                self.world.execute(&event).await;
            }
            Act::AppendsUnreadable => self.world.execute(&unreadable("bob")).await,
            Act::Damages => self.world.execute(&unreadable("alice")).await,
            Act::Follows => drop(run(&self.flow, Node::ProjectionWoken, Work::look()).await),
        }
    }
}

/// Appends an event that can't be read until `REPAIRS` is executed.
fn unreadable(account: &str) -> String {
    format!(
        "INSERT INTO events (account, version, kind, shape, body, at_ms) \
         SELECT '{account}', coalesce(max(version), 0) + 1, 'frozen', 1, '', 0 FROM events \
         WHERE account = '{account}'"
    )
}

/// Makes all events readable.
const REPAIRS: &str = r#"
    UPDATE events SET kind = 'opened', body = '{"owner":"Bob"}' WHERE kind = 'frozen' AND version = 1;
    UPDATE events SET kind = 'deposited', shape = 2, body = '{"cents":500,"reference":""}' WHERE kind = 'frozen';
"#;

impl Flow<Work> for Beside {
    type Node = Node;

    async fn step(&self, at: Node, work: &mut Work, visit: &Visit) -> Result<Next<Node>> {
        let acts = self.acts.lock().unwrap().remove(&(at.index(), visit.number()));
        for &act in acts.into_iter().flatten() {
            // Boxed: what others do runs the flow, too.
            Box::pin(self.act(act)).await;
        }
        self.flow.step(at, work, visit).await
    }

    fn fork(work: &Work) -> Option<Work> {
        BankFlow::fork(work)
    }

    fn join(work: &mut Work, branch: Work) {
        BankFlow::join(work, branch);
    }
}

fn flow(store: &Store, follower: &Follower) -> BankFlow {
    let (clock, wait) = (clock(), Duration::from_millis(5));
    BankFlow {
        commands: Commands::new(store, 2, 0),
        event_store: EventStore::new(store, &clock),
        projection: Projection::new(store, &clock, follower, 50),
        outbox: Outbox::new(store, &clock, Receiver::Log),
        queries: Queries::new(store, follower, wait),
    }
}

/// Runs a flow with its messages, to the end.
async fn run(flow: &BankFlow, start: Node, work: Work) -> RunResult<Node, Work> {
    Runner::new(flow, start.index()).run(work).await
}

fn pay() -> Work {
    Work::command("pay".to_owned(), "alice".to_owned(), deposit(500), None)
}

/// A database with an account that is shown, and a message that is not sent yet.
async fn beginning() -> World {
    static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let file = FILE.get_or_init(async || {
        let world = World::in_memory();
        let store = world.store().await;
        let flow = flow(&store, &Follower::new(0));
        for (id, command) in [("open", open()), ("save", deposit(100))] {
            let work = Work::command(id.to_owned(), "alice".to_owned(), command, None);
            let ended = run(&flow, Node::CommandReceived, work).await;
            assert!(ended.outcome.is_completed_at(End::Done), "{}", ended.outcome);
        }
        let copy = format!("{}.copy", world.database);
        let finish = format!("UPDATE outbox SET sent_ms = NULL; VACUUM INTO '{copy}'");
        world.execute(&finish).await;
        std::fs::read(copy).unwrap()
    });
    let world = World::in_memory();
    std::fs::write(&world.database, file.await).unwrap();
    world
}

/// Where runs begin.
trait Entry: 'static {
    const START: Node;

    async fn work(world: &World, follower: &Follower) -> Work;

    /// What others have to do for an outcome, and before which visit. Nothing, where the input was changed.
    fn act(input: &mut Work, wanted: &Wanted<Node>, outcome: &str) -> Option<(Node, u32, &'static [Act])>;
}

struct Paying;
struct Following;
struct Sending;
struct Asking;
struct Rebuilding;

/// What others do so that a projection comes to an outcome.
fn beside_projection(wanted: &Wanted<Node>, outcome: &str) -> Option<(Node, u32, &'static [Act])> {
    let nth = wanted.visit;
    Some(match (wanted.node, outcome) {
        (Node::AnythingNew, "Yes") => (Node::ReadEvents, nth, &[Act::Pays]),
        // Later the run has its turn, which others would wait for.
        (Node::AnythingNew, "No") if nth == 1 => (Node::ReadEvents, nth, &[Act::Follows]),
        (Node::AllApplied, "No") => (Node::ReadEvents, nth, &[Act::AppendsUnreadable]),
        _ => return None,
    })
}

impl Entry for Paying {
    const START: Node = Node::CommandReceived;

    async fn work(_: &World, _: &Follower) -> Work {
        pay()
    }

    fn act(input: &mut Work, wanted: &Wanted<Node>, outcome: &str) -> Option<(Node, u32, &'static [Act])> {
        let nth = wanted.visit;
        Some(match (wanted.node, outcome) {
            (Node::SeenBefore, "Yes") => (Node::LoadAccount, nth, &[Act::SameCommand]),
            (Node::SeenBefore, "As another command") => (Node::LoadAccount, nth, &[Act::OtherCommand]),
            (Node::Allowed, "History is damaged") => (Node::LoadAccount, nth, &[Act::Damages]),
            (Node::Allowed, "No") => {
                input.handling_mut().unwrap().command = withdraw(1_000_000);
                (wanted.node, nth, &[])
            }
            (Node::Appended, "Version moved on") => (Node::AppendEvents, nth, &[Act::Pays]),
            (Node::Appended, "Seen before") => (Node::AppendEvents, nth, &[Act::SameCommand]),
            (Node::TryAgain, "No") => {
                input.handling_mut().unwrap().seen = Some(Seen::Versions(vec![1]));
                (wanted.node, nth, &[])
            }
            _ => return beside_projection(wanted, outcome),
        })
    }
}

impl Entry for Following {
    const START: Node = Node::ProjectionWoken;

    async fn work(world: &World, _: &Follower) -> Work {
        world.execute(&crate::world::insert("alice", 3, ("deposited", 2), PAID)).await;
        Work::look()
    }

    fn act(_: &mut Work, wanted: &Wanted<Node>, outcome: &str) -> Option<(Node, u32, &'static [Act])> {
        beside_projection(wanted, outcome)
    }
}

impl Entry for Sending {
    const START: Node = Node::OutboxWoken;

    async fn work(_: &World, _: &Follower) -> Work {
        Work::look()
    }

    fn act(_: &mut Work, _: &Wanted<Node>, _: &str) -> Option<(Node, u32, &'static [Act])> {
        None
    }
}

impl Entry for Asking {
    const START: Node = Node::QueryReceived;

    async fn work(_: &World, _: &Follower) -> Work {
        Work::query(Question::Account("alice".to_owned()), 2)
    }

    fn act(input: &mut Work, wanted: &Wanted<Node>, outcome: &str) -> Option<(Node, u32, &'static [Act])> {
        let asking = input.asking_mut().unwrap();
        match (wanted.node, outcome) {
            (Node::RecentEnough, "No") => asking.at_least = 1_000,
            (Node::Found, "No") => asking.question = Question::Account("nobody".to_owned()),
            (Node::Found, "Behind a dead letter") => {
                asking.at_least = 3;
                return Some((Node::WaitForView, 1, &[Act::Damages, Act::Follows]));
            }
            _ => return None,
        }
        Some((wanted.node, wanted.visit, &[]))
    }
}

impl Entry for Rebuilding {
    const START: Node = Node::RebuildOrdered;

    /// The view that is live is wrong.
    async fn work(world: &World, follower: &Follower) -> Work {
        world.execute("UPDATE view_accounts SET cents = 7; DELETE FROM view_lines").await;
        Work::rebuild(follower.turn_to_rebuild().unwrap())
    }

    fn act(_: &mut Work, wanted: &Wanted<Node>, outcome: &str) -> Option<(Node, u32, &'static [Act])> {
        match (wanted.node, outcome) {
            // A live view that is moved on is ahead of the spare one.
            (Node::Switched, "No") => Some((Node::SwitchViews, wanted.visit, &[Act::Pays, Act::Follows])),
            (Node::AnythingNew, "No") => None,
            _ => beside_projection(wanted, outcome),
        }
    }
}

/// A database, and what is run on it from one of the starts.
struct Explored<D>(Arc<Beside>, PhantomData<D>);

impl<D: Entry> Scenario for Explored<D> {
    type Flow = Arc<Beside>;
    type Cx = Work;

    async fn new() -> (Self, Self::Flow, Work) {
        let world = beginning().await;
        let store = world.store().await;
        let follower = Follower::new(store.views().await.unwrap().live_at);
        let work = D::work(&world, &follower).await;
        let flow = flow(&store, &follower);
        let beside = Arc::new(Beside { flow, store, world, acts: Mutex::default() });
        (Self(Arc::clone(&beside), PhantomData), beside, work)
    }

    fn start() -> Node {
        D::START
    }

    async fn bring_about(&self, input: &mut Work, wanted: Wanted<Node>) -> bool {
        let Answer::Outcome(outcome) = wanted.answer else { return false };
        let Some((node, nth, acts)) = D::act(input, &wanted, outcome) else { return false };
        self.0.acts.lock().unwrap().insert((node.index(), nth), acts);
        true
    }

    async fn check(&self, ended: &RunResult<Node, Work>) -> Result<(), String> {
        let Beside { store, world, .. } = &*self.0;
        // As another process does: the run still has its turns.
        let flow = flow(store, &Follower::new(store.views().await.unwrap().live_at));
        let damage = world.events().await.iter().filter(|event| event.kind == "frozen").count();
        let view = async |when: &str| {
            let (shown, folded) = (world.shown().await, world.folded().await);
            if shown == folded { Ok(()) } else { Err(format!("{when}, {shown:?} is shown for {folded:?}")) }
        };
        if damage == 0 && ended.outcome.is_completed_at(End::ViewRebuilt) {
            // What was appended behind the rebuild is followed by the live view.
            drop(run(&flow, Node::ProjectionWoken, Work::look()).await);
            view("after the rebuild").await?;
        }
        let rebuild = async || {
            let turn = Follower::new(0).turn_to_rebuild().unwrap();
            run(&flow, Node::RebuildOrdered, Work::rebuild(turn)).await
        };
        if damage > 0 || D::START == Node::RebuildOrdered {
            world.execute(REPAIRS).await;
            drop(rebuild().await);
        }
        let paid = async || {
            let events = world.events().await;
            events.iter().filter(|event| event.causation.as_deref() == Some("pay")).count()
        };
        let (before, is_done) = (paid().await, ended.outcome.is_completed_at(End::Done));
        if before > 1 || is_done && before == 0 {
            return Err(format!("the command was carried out {before} times"));
        }
        // A client that does not know the result of a command sends it again.
        drop(run(&flow, Node::CommandReceived, pay()).await);
        match paid().await {
            1 => {}
            times => return Err(format!("sent again, the command was carried out {times} times")),
        }
        for start in [Node::ProjectionWoken, Node::OutboxWoken] {
            drop(run(&flow, start, Work::look()).await);
        }
        view("at last").await?;
        let unsent = store.unsent(10).await.unwrap();
        if unsent.is_empty() { Ok(()) } else { Err(format!("these messages were not sent: {unsent:?}")) }
    }
}

async fn explored<D: Entry>() -> Coverage<Node> {
    Explorer::new().most_runs(50).explore::<Explored<D>>().await.unwrap()
}

#[tokio::test]
async fn a_command_has_one_effect_and_the_view_shows_it() {
    let mut coverage = explored::<Paying>().await;
    coverage.merge(explored::<Following>().await);
    coverage.merge(explored::<Sending>().await);
    coverage.merge(explored::<Asking>().await);
    coverage.merge(explored::<Rebuilding>().await);
    println!("{coverage}");
    assert_eq!(coverage.gaps().count(), 0, "{coverage}");
}

//! Every step and decision does its work and then says that it could not: the worst kind of fault, after
//! which is unknown. Done again, everything is as it should be, once.

use flowgen::{Cause, Fault, Flow, Next, Outcome, Result, RunResult, Runner, Visit};

use cqrs::BankFlow;
use cqrs::bank::Policy;
use cqrs::drawing::{End, Node, Start};
use cqrs::lanes::{Commands, EventStore, Follower, Outbox, Projection, Queries};
use cqrs::view::Question;
use cqrs::work::Work;

use crate::world::{PAID, World, clock, deposit, done, insert, open, policy};

on_both_databases! {
    a_command_that_faults_anywhere_is_done_once_when_it_is_sent_again,
    a_projection_that_faults_anywhere_is_right_when_it_is_woken_again,
    a_rebuild_that_faults_anywhere_is_right_when_it_is_ordered_again,
    an_outbox_that_faults_anywhere_sends_what_is_left,
    a_query_that_faults_anywhere_changes_nothing,
}

/// A flow that faults at one node.
struct Faulty {
    flow: BankFlow,
    follower: Follower,
    at: Node,
}

impl Flow<Work> for Faulty {
    type Node = Node;

    async fn step(&self, at: Node, work: &mut Work, visit: &Visit) -> Result<Next<Node>> {
        let next = self.flow.step(at, work, visit).await;
        if self.at == at { Err(Fault::new("the connection was lost")) } else { next }
    }

    fn fork(work: &Work) -> Option<Work> {
        BankFlow::fork(work)
    }

    fn join(work: &mut Work, branch: Work) {
        BankFlow::join(work, branch);
    }
}

async fn faulty(world: &World, at: Node) -> Faulty {
    let (store, clock) = (world.store().await, clock());
    let follower = Follower::new(store.views().await.unwrap().live_at);
    let Policy { tries, batch, wait, receiver, .. } = policy();
    let flow = BankFlow {
        commands: Commands::new(&store, tries, 2),
        event_store: EventStore::new(&store, &clock),
        projection: Projection::new(&store, &clock, &follower, batch),
        outbox: Outbox::new(&store, &clock, receiver),
        queries: Queries::new(&store, &follower, wait),
    };
    Faulty { flow, follower, at }
}

impl Faulty {
    async fn run(&self, start: Start, work: Work) -> RunResult<Node, Work> {
        Runner::new(self, start as u32).run(work).await
    }
}

/// It failed there, and nowhere else.
fn assert_failed(ended: &RunResult<Node, Work>, at: Node) {
    let Outcome::Failed { cause: Cause::Fault(fault) } = &ended.outcome else {
        panic!("{at:?}: {}", ended.outcome)
    };
    assert_eq!(fault.node, at);
}

async fn a_command_that_faults_anywhere_is_done_once_when_it_is_sent_again(world: World) {
    let bank = world.bank().await;
    let nodes = [
        Node::LoadAccount,
        Node::SeenBefore,
        Node::Decide,
        Node::Allowed,
        Node::AppendEvents,
        Node::Appended,
        Node::IssueReceipt,
    ];
    for at in nodes {
        let account = format!("{at:?}");
        done(&bank, &format!("open-{account}"), &account, open()).await;
        let id = format!("pay-{account}");
        let work = Work::command(id.clone(), account.clone(), deposit(500), None);
        assert_failed(&faulty(&world, at).await.run(Start::CommandReceived, work).await, at);
        bank.command(id, account.clone(), deposit(500), None).await.unwrap();
        bank.look().await.unwrap();
        world.level().await;
        assert_eq!(world.shown().await[&account].account.cents, 500, "{at:?}");
    }
    assert_eq!(world.shown().await, world.folded().await);
}

async fn a_projection_that_faults_anywhere_is_right_when_it_is_woken_again(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    world.level().await;
    let nodes = [
        Node::ReadEvents,
        Node::AnythingNew,
        Node::ApplyEvents,
        Node::AllApplied,
        Node::SaveView,
        Node::SetAsideDeadLetters,
    ];
    for (version, at) in (2..).zip(nodes) {
        let kind = if at == Node::SetAsideDeadLetters { "frozen" } else { "deposited" };
        world.execute(&insert("alice", version, (kind, 2), PAID)).await;
        assert_failed(&faulty(&world, at).await.run(Start::ProjectionWoken, Work::look()).await, at);
        bank.look().await.unwrap();
        let newest = world.events().await.last().unwrap().position;
        assert_eq!(world.views().await.live_at, newest, "{at:?}");
    }
    assert_eq!(world.shown().await["alice"].account.cents, 2_500);
    assert_eq!(bank.dead_letters(10).await.unwrap().len(), 1);
}

async fn a_rebuild_that_faults_anywhere_is_right_when_it_is_ordered_again(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    done(&bank, "pay", "alice", deposit(500)).await;
    world.level().await;
    for at in [Node::EmptySpareView, Node::ReadEvents, Node::SaveView, Node::SwitchViews, Node::Switched] {
        let flow = faulty(&world, at).await;
        let turn = flow.follower.turn_to_rebuild().unwrap();
        assert_failed(&flow.run(Start::RebuildOrdered, Work::rebuild(turn)).await, at);
        assert_eq!(world.shown().await, world.folded().await, "{at:?}: what is live is whole");
        bank.begin_rebuild().unwrap().await.unwrap();
        assert_eq!(world.shown().await, world.folded().await, "{at:?}");
    }
}

async fn an_outbox_that_faults_anywhere_sends_what_is_left(world: World) {
    let bank = world.bank().await;
    for at in [Node::SendMessages, Node::MoreToSend] {
        let account = format!("{at:?}");
        done(&bank, &account, &account, open()).await;
        assert_failed(&faulty(&world, at).await.run(Start::OutboxWoken, Work::look()).await, at);
        bank.look().await.unwrap();
        assert!(world.store().await.unsent(10).await.unwrap().is_empty(), "{at:?}");
    }
}

async fn a_query_that_faults_anywhere_changes_nothing(world: World) {
    let bank = world.bank().await;
    done(&bank, "open", "alice", open()).await;
    world.level().await;
    let ask = || Work::query(Question::Account("alice".to_owned()), 0);
    for at in [Node::WaitForView, Node::RecentEnough, Node::ReadView, Node::Found] {
        assert_failed(&faulty(&world, at).await.run(Start::QueryReceived, ask()).await, at);
    }
    let flow = faulty(&world, Node::Switched).await;
    let ended = flow.run(Start::QueryReceived, ask()).await;
    assert!(ended.outcome.is_completed_at(End::Answered), "{}", ended.outcome);
}

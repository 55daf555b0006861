//! A flow with a context, one of whose steps can be asked whether it was done.

use flowgen::plan::{Kind, LaneSpec, NodeSpec, Plan};
use flowgen::{Did, Flow, Next, Result, Runner, Visit};
use flowgen_temporal::Runs;

use crate::server::Server;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Ordered,
    Reserve,
    Reserved,
    Release,
}

static PLAN: Plan = Plan::new(
    &[LaneSpec::new("store", "Store")],
    &[
        NodeSpec::new("n1", "Ordered", 0, Kind::Start).next(&[1]),
        NodeSpec::new("n2", "Reserve", 0, Kind::Step).method("reserve").next(&[2]).undone_by(3).asks(),
        NodeSpec::new("n3", "Reserved", 0, Kind::End),
        NodeSpec::new("n4", "Release", 0, Kind::Step).method("release").undoes(&[1]),
    ],
    &[],
);

impl flowgen::Node for Node {
    type End = Self;

    const ALL: &'static [Self] = &[Self::Ordered, Self::Reserve, Self::Reserved, Self::Release];

    const PLAN: &'static Plan = &PLAN;

    fn index(self) -> u32 {
        self as u32
    }

    fn end(self) -> Option<Self> {
        (self == Self::Reserved).then_some(self)
    }
}

/// Its step faults, and gives this answer when it is asked.
struct Store(Did);

impl Flow<Vec<String>> for Store {
    type Node = Node;

    async fn step(&self, at: Node, notes: &mut Vec<String>, visit: &Visit) -> Result<Next<Node>> {
        match at {
            Node::Ordered => Ok(Next::to(Node::Reserve)),
            Node::Reserve if visit.is_inquiry() => {
                notes.push(format!("asked {}", visit.key()));
                Ok(Next::answer(self.0))
            }
            Node::Reserve => Err("the connection broke".into()),
            Node::Reserved => Ok(Next::end()),
            Node::Release => {
                notes.push("released".to_owned());
                Ok(Next::end())
            }
        }
    }

    fn fork(_: &Vec<String>) -> Option<Vec<String>> {
        None
    }

    fn join(_: &mut Vec<String>, _: Vec<String>) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_in_doubt_is_asked_before_it_is_undone() {
    let server = Server::shared().await;
    for (id, answer, notes) in [
        ("asked-done", Did::Done(()), &["asked asked-done/n2/1", "released"][..]),
        ("asked-not-done", Did::NotDone, &["asked asked-not-done/n2/1"]),
        ("asked-unknown", Did::Unknown, &["asked asked-unknown/n2/1", "released"]),
    ] {
        let store: &'static Store = Box::leak(Box::new(Store(answer)));
        let expected = Runner::new(store, 0).run_with_id(id, Vec::new()).await;
        let runs = Runs::<Node, Vec<String>>::new(server.client().await, id);
        let worker = runs.worker(Runner::new(store, 0));
        let worker = tokio::spawn(async move { worker.run().await });
        runs.start(id, &Vec::new()).await.unwrap();
        let ended = runs.outcome(id).await.unwrap();
        worker.abort();
        assert_eq!(ended.cx, notes, "{id}");
        assert_eq!(expected.cx, notes, "{id}");
        assert_eq!(ended.outcome.to_string(), expected.outcome.to_string(), "{id}");
        assert_eq!(ended.path_text(), expected.path_text(), "{id}");
    }
}

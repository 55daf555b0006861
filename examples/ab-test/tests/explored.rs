//! Every outcome and every fault, one at a time and some in pairs: B serves only where it is shipped.

mod world;

use std::sync::{Arc, Mutex};

use flowgen::explore::{Answer, Explorer, Scenario, Wanted};
use flowgen::{Outcome, Result, RunResult};
use world::{draft, users, users_failing};

use ab_test::drawing::{End, Node};
use ab_test::trial::{Simulated, Trial};
use ab_test::variant::Variant;
use ab_test::{Experiment, ExperimentFlow, flow};

/// Users that a test chooses before the run.
#[derive(Clone)]
struct Chosen(Arc<Mutex<Simulated>>);

impl Chosen {
    fn users(&self) -> Simulated {
        self.0.lock().unwrap().clone()
    }
}

impl Trial for Chosen {
    async fn arrivals(&self, before: usize, most: usize) -> Result<Vec<String>> {
        self.users().arrivals(before, most).await
    }

    async fn measure(&self, unit: &str, variant: Variant) -> Result<Option<Vec<f64>>> {
        self.users().measure(unit, variant).await
    }
}

struct Trialed {
    users: Chosen,
    flow: Arc<ExperimentFlow<Chosen>>,
}

impl Scenario for Trialed {
    type Flow = Arc<ExperimentFlow<Chosen>>;
    type Cx = Experiment;

    async fn new() -> (Self, Self::Flow, Experiment) {
        let users = Chosen(Arc::new(Mutex::new(users(0.4))));
        let flow = Arc::new(flow(users.clone()));
        (Self { users, flow: Arc::clone(&flow) }, flow, Experiment::new(draft()))
    }

    async fn bring_about(&self, _: &mut Experiment, wanted: Wanted<Node>) -> bool {
        let Answer::Outcome(outcome) = wanted.answer else { return false };
        *self.users.0.lock().unwrap() = match (wanted.node, outcome) {
            (Node::Verdict, "Ship") | (Node::Decided, "Ship B") => users(0.6),
            (Node::Verdict, "Keep") | (Node::Decided, "Stay with A") => users(0.1),
            (Node::Verdict, "Inconclusive") => users(0.335),
            (Node::Verdict, "Invalid") | (Node::SampleSound, "No") => users(0.4).losing_in_b(0.5),
            (Node::GuardrailHarmed, "Yes") => users_failing(0.6, 0.2),
            _ => return false,
        };
        true
    }

    async fn check(&self, ended: &RunResult<Node, Experiment>) -> Result<(), String> {
        let wanted = match &ended.outcome {
            Outcome::Completed { end: End::Ship } => Variant::B,
            Outcome::Completed { .. } | Outcome::RolledBack { .. } | Outcome::Failed { .. } => Variant::A,
            Outcome::Stuck { .. } | Outcome::Abandoned { .. } => return Ok(()),
        };
        let switch = self.flow.traffic.switch();
        let serves = |user: usize| switch.serves(&format!("user-{user}")) == wanted;
        if (0..50).all(serves) { Ok(()) } else { Err(format!("{wanted:?} does not serve all users")) }
    }
}

#[tokio::test]
async fn b_serves_only_where_it_is_shipped() {
    let coverage = Explorer::new().most_runs(200).explore::<Trialed>().await.unwrap();
    println!("{coverage}");
    assert_eq!(coverage.gaps().count(), 0, "{coverage}");
}

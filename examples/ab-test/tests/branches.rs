//! Every branch that the drawing has.

mod world;

use flowgen::{Node as _, RunResult};
use world::{draft, users, users_failing};

use ab_test::analysis::{Doubt, Flaw, Reason, Verdict};
use ab_test::drawing::{End, Node};
use ab_test::exposure::ExposureLog;
use ab_test::lanes::Experimenter;
use ab_test::plan::Draft;
use ab_test::stats::Unclear;
use ab_test::trial::{Effect, Shape, Simulated, Trial};
use ab_test::variant::Variant;
use ab_test::{Experiment, ExperimentFlow, flow, flow_with};

async fn run<T: Trial>(trial: T) -> (ExperimentFlow<T>, RunResult<Node, Experiment>) {
    run_after(draft(), trial).await
}

async fn run_after<T: Trial>(draft: Draft, trial: T) -> (ExperimentFlow<T>, RunResult<Node, Experiment>) {
    let flow = flow(trial);
    let ended = flow.run(Experiment::new(draft)).await;
    (flow, ended)
}

/// It ended here, with this verdict, and this variant serves all users.
fn assert_ends<T>(
    (flow, ended): &(ExperimentFlow<T>, RunResult<Node, Experiment>),
    end: End,
    verdict: &Verdict,
    serves: Variant,
) {
    assert!(ended.outcome.is_completed_at(end), "{}", ended.outcome);
    assert_eq!(ended.cx.verdict.as_ref(), Some(verdict));
    let switch = flow.traffic.switch();
    assert!((0..50).all(|user| switch.serves(&format!("user-{user}")) == serves), "{:?}", switch.routing());
    let was_undone = ended.undone().any(|step| step == Node::SplitTraffic);
    assert_eq!(was_undone, serves == Variant::A, "the split is undone unless B is shipped");
}

fn visits(ended: &RunResult<Node, Experiment>, node: Node) -> usize {
    ended.path.iter().filter(|walked| walked.node == node).count()
}

#[tokio::test]
async fn a_better_variant_is_shipped() {
    let run = run(users(0.4)).await;
    assert_ends(&run, End::Ship, &Verdict::Ship, Variant::B);
}

#[tokio::test]
async fn a_plain_effect_is_shipped_at_an_early_look() {
    let run = run(users(0.6)).await;
    assert_ends(&run, End::Ship, &Verdict::Ship, Variant::B);
    let experiment = &run.1.cx;
    assert!(experiment.looks.len() < 3, "{} looks", experiment.looks.len());
    assert!(experiment.sample.len() < experiment.plan().unwrap().units());
    assert!(
        visits(&run.1, Node::CollectOutcomes) > visits(&run.1, Node::CheckSample),
        "not every pass is a look"
    );
}

#[tokio::test]
async fn a_worse_variant_is_not() {
    let run = run(users(0.15)).await;
    assert_ends(&run, End::Keep, &Verdict::Keep(Reason::Worse), Variant::A);
}

#[tokio::test]
async fn an_effect_too_small_to_matter_is_not() {
    let run = run(users(0.28)).await;
    assert_ends(&run, End::Keep, &Verdict::Keep(Reason::TooLittle), Variant::A);
    assert_eq!(run.1.cx.looks.len(), 3);
    assert_eq!(run.1.cx.sample.len(), run.1.cx.plan().unwrap().units(), "the sample is full, to the unit");
}

#[tokio::test]
async fn a_harmed_guardrail_prevents_shipping() {
    let run = run(users_failing(0.6, 0.2)).await;
    let verdict = Verdict::Keep(Reason::Harm { guardrail: "failed".to_owned() });
    assert_ends(&run, End::Keep, &verdict, Variant::A);
    assert_eq!(visits(&run.1, Node::CompareVariants), 0, "the results are not compared any more");
}

#[tokio::test]
async fn a_doubt_stays_a_doubt() {
    let run = run(users(0.335)).await;
    assert_ends(&run, End::Inconclusive, &Verdict::Inconclusive(Doubt::Undecided), Variant::A);
}

#[tokio::test]
async fn users_that_stay_away_leave_a_doubt() {
    let run = run(users(0.4).users(200)).await;
    let planned = run.1.cx.plan().unwrap().units();
    let doubt = Doubt::TooFewUnits { measured: 200, planned };
    assert_ends(&run, End::Inconclusive, &Verdict::Inconclusive(doubt), Variant::A);
}

#[tokio::test]
async fn an_empty_sample_is_inconclusive() {
    let run = run(users(0.4).users(0)).await;
    let planned = run.1.cx.plan().unwrap().units();
    let doubt = Doubt::TooFewUnits { measured: 0, planned };
    assert_ends(&run, End::Inconclusive, &Verdict::Inconclusive(doubt), Variant::A);
    assert!(run.1.cx.report.as_ref().unwrap().page().unwrap().contains("no more units came"));
}

#[tokio::test]
async fn values_that_are_all_the_same_leave_a_doubt() {
    let nothing = Simulated::new(1, vec![Effect::none(Shape::Constant(0.0)); 3]);
    let run = run(nothing).await;
    let doubt = Doubt::Unclear(Unclear::NoVariance);
    assert_ends(&run, End::Inconclusive, &Verdict::Inconclusive(doubt), Variant::A);
}

#[tokio::test]
async fn a_value_that_is_no_number_leaves_a_doubt() {
    let nothing = Simulated::new(1, vec![Effect::none(Shape::Constant(f64::NAN)); 3]);
    let run = run(nothing).await;
    let doubt = Doubt::Unclear(Unclear::NotARate);
    assert_ends(&run, End::Inconclusive, &Verdict::Inconclusive(doubt), Variant::A);
}

#[tokio::test]
async fn users_lost_on_one_side_make_it_invalid() {
    let run = run(users(0.4).losing_in_b(0.5)).await;
    let (flow, ended) = &run;
    let Some(Verdict::Invalid(Flaw::SampleRatio { p })) = &ended.cx.verdict else {
        panic!("{:?}", ended.cx.verdict);
    };
    assert!(*p < 0.001);
    assert_ends(&run, End::Invalid, ended.cx.verdict.as_ref().unwrap(), Variant::A);
    assert_eq!(visits(ended, Node::CompareVariants), 0, "results that are worth nothing are not looked at");
    assert!(flow.traffic.log().variant("user-7-0").is_some(), "exposed it was");
}

#[tokio::test]
async fn a_flag_set_wrong_makes_it_invalid() {
    let (_, ended) = run(users(0.4).ignoring_assignment()).await;
    assert!(matches!(ended.cx.verdict, Some(Verdict::Invalid(Flaw::SampleRatio { .. }))));
}

#[tokio::test]
async fn a_plan_changed_on_the_way_makes_it_invalid() {
    let plan = draft().freeze().unwrap();
    let mut experiment = Experiment::planned(plan);
    experiment.draft.primary.effect = 0.05;
    let flow = flow(users(0.4));
    let ended = flow.run(experiment).await;
    assert_ends(&(flow, ended), End::Invalid, &Verdict::Invalid(Flaw::PlanChanged), Variant::A);
}

#[tokio::test]
async fn users_that_got_the_other_variant_before_make_it_invalid() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exposures.csv");
    let digest = draft().digest();
    let before = ExposureLog::open(&path).unwrap();
    let both = [Variant::A, Variant::B].map(|variant| ("user-7-3".to_owned(), variant));
    assert_eq!(before.expose(&both, &digest).unwrap(), 1);
    let other = draft().freeze().unwrap().assignment().variant("user-7-4");
    let other = if other == Variant::A { Variant::B } else { Variant::A };
    before.expose(&[("user-7-4".to_owned(), other)], &digest).unwrap();
    drop(before);

    let log = ExposureLog::open(&path).unwrap();
    assert_eq!(log.variant("user-7-3"), Some(Variant::A), "the first variant is kept, also over a restart");
    let flow = flow_with(users(0.4), Experimenter::default(), log);
    let ended = flow.run(Experiment::new(draft())).await;
    let Some(Verdict::Invalid(Flaw::Crossed { units })) = ended.cx.verdict else {
        panic!("{}", ended.outcome)
    };
    assert!((1..=2).contains(&units), "{units}");
}

#[tokio::test]
async fn one_look_is_one_look() {
    let (_, ended) = run_after(Draft { looks: 1, ..draft() }, users(0.6)).await;
    assert_eq!((visits(&ended, Node::CheckSample), ended.cx.looks.len()), (1, 1));
    assert!((ended.cx.looks[0].alpha.level() - 0.05).abs() < 1e-9, "at the full level");
}

#[tokio::test]
async fn while_it_runs_users_are_split_and_stay_where_they_are() {
    let flow = flow(users(0.4));
    let assignment = draft().freeze().unwrap().assignment();
    let seen = std::sync::Mutex::new(Vec::new());
    let runner = flow.runner().observe(|event| {
        if let flowgen::Event::Entered { visit, .. } = event
            && visit.node().id == Node::CollectOutcomes.spec().id
        {
            let serves = |user: usize| flow.traffic.switch().serves(&format!("user-{user}"));
            seen.lock().unwrap().push((0..20).map(serves).collect::<Vec<_>>());
        }
    });
    let _ = runner.run(Experiment::new(draft())).await;
    let seen = seen.into_inner().unwrap();
    let wanted: Vec<Variant> = (0..20).map(|user| assignment.variant(&format!("user-{user}"))).collect();
    assert!(seen.len() > 3 && seen.iter().all(|at| *at == wanted));
}

//! Plans: what they take, what they refuse, and that they stay what they are.

mod world;

use world::draft;

use ab_test::plan::{Better, Draft, Expected, Guardrail, Kind, Metric, Plan, PlanError};

fn refused(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = draft();
    change(&mut draft);
    draft.freeze().unwrap_err().to_string()
}

#[test]
fn a_plan_has_its_sample_size_and_its_looks() {
    let plan = Draft { looks: 1, ..draft() }.freeze().unwrap();
    assert_eq!(plan.units(), 2 * 356, "as statsmodels has it: 355.2 in each variant");
    let with_looks = draft().freeze().unwrap();
    assert!(with_looks.units() > plan.units(), "looking early costs some units");
    assert!(with_looks.units() < plan.units() * 103 / 100, "though not many");
    assert_eq!(with_looks.units_at(2), with_looks.units());
    assert!(with_looks.units_at(0) < with_looks.units_at(1));
}

#[test]
fn an_uneven_split_takes_more_units() {
    let uneven = Draft { share_of_b: 0.1, ..draft() }.freeze().unwrap();
    assert!(uneven.units() > 2 * draft().freeze().unwrap().units());
}

#[test]
fn an_impossible_plan_is_refused_with_the_reason() {
    let rate = |baseline: f64| Expected::Rate { baseline };
    for (said, wanted) in [
        (refused(|draft| draft.alpha = 0.0), "`alpha` has to be above 0 and below 0.5, and is 0"),
        (refused(|draft| draft.alpha = f64::NAN), "`alpha` has to be above 0 and below 0.5, and is NaN"),
        (refused(|draft| draft.power = 1.0), "`power` has to be from 0.5 to 0.999, and is 1"),
        (refused(|draft| draft.share_of_b = 1.0), "`share_of_b` has to be from 0.01 to 0.99, and is 1"),
        (refused(|draft| draft.looks = 0), "`looks` has to be from 1 to 20, and is 0"),
        (refused(|draft| draft.primary.effect = 0.0), "`effect` has to be above 0, and is 0"),
        (refused(|draft| draft.primary.effect = f64::INFINITY), "`effect` has to be above 0, and is inf"),
        (
            refused(|draft| draft.primary.expected = rate(1.0)),
            "`baseline` has to be above 0 and below 1, and is 1",
        ),
        (
            refused(|draft| draft.primary.expected = rate(0.95)),
            "a rate of 0.95 can't be better by 0.1: rates lie between 0 and 1",
        ),
        (
            refused(|draft| draft.primary.expected = Expected::Mean { deviation: -1.0 }),
            "`deviation` has to be above 0, and is -1",
        ),
        (
            refused(|draft| (draft.primary.expected, draft.primary.effect) = (Expected::Order, 0.5)),
            "`effect` has to be above 0 and below 0.5, and is 0.5",
        ),
        (
            refused(|draft| draft.guardrails[0].tolerance = -0.1),
            "`tolerance` has to be 0 or more, and is -0.1",
        ),
        (refused(|draft| draft.name = " ".to_owned()), "`name` is empty"),
        (refused(|draft| draft.salt = String::new()), "`salt` is empty"),
        (
            refused(|draft| draft.guardrails[0].name = "bought".to_owned()),
            "the metric or covariate `bought` needs another name: this one is taken",
        ),
        (
            refused(|draft| draft.secondary.push(Metric::new("unit", Kind::Mean, Better::Lower))),
            "the metric or covariate `unit` needs another name: this one is taken",
        ),
        (
            refused(|draft| draft.primary.covariate = Some("before".to_owned())),
            "the metric `bought` can't have a covariate: only a metric of kind `mean` can",
        ),
        (
            refused(|draft| draft.secondary[0].covariate = Some("failed".to_owned())),
            "the metric or covariate `failed` needs another name: this one is taken",
        ),
        (
            refused(|draft| draft.secondary[0].covariate = Some("variant".to_owned())),
            "the metric or covariate `variant` needs another name: this one is taken",
        ),
        (refused(|draft| draft.secondary[0].covariate = Some(" ".to_owned())), "`covariate` is empty"),
    ] {
        assert_eq!(said, wanted);
    }
    let said = refused(|draft| draft.primary.effect = 1e-6);
    assert!(said.starts_with("the effect is too small: it would take 66"), "{said}");
}

#[test]
fn a_frozen_plan_is_read_as_it_was_written() {
    let plan = draft().freeze().unwrap();
    assert_eq!(Plan::read(&plan.text()).unwrap(), plan);
    assert_eq!(Draft::read(&draft().text()).unwrap(), draft());
    assert!(matches!(Draft::read(&plan.text()), Err(PlanError::AlreadyFrozen { .. })));
    assert!(matches!(Plan::read(&draft().text()), Err(PlanError::NotFrozen)));
    assert!(matches!(Plan::read("alpha = "), Err(PlanError::NotAPlan(_))));
}

#[test]
fn every_change_changes_the_digest() {
    let digest = draft().digest();
    let changes: [fn(&mut Draft); 8] = [
        |draft| draft.secondary[0].covariate = Some("before".to_owned()),
        |draft| draft.name.push('x'),
        |draft| draft.alpha = 0.051,
        |draft| draft.looks = 4,
        |draft| draft.primary.better = Better::Lower,
        |draft| draft.primary.expected = Expected::Rate { baseline: 0.31 },
        |draft| draft.secondary.clear(),
        |draft| draft.guardrails.push(Guardrail { name: "slow".to_owned(), ..draft.guardrails[0].clone() }),
    ];
    for change in changes {
        let mut changed = draft();
        change(&mut changed);
        assert_ne!(changed.digest(), digest, "{changed:?}");
    }
}

#[test]
fn a_plan_that_was_changed_after_it_was_frozen_shows_it() {
    let plan = draft().freeze().unwrap();
    let changed = Plan::read(&plan.text().replace("effect = 0.1", "effect = 0.2")).unwrap();
    assert_eq!(changed.digest(), plan.digest(), "it says what was frozen");
    assert_ne!(*changed.digest(), changed.draft().digest(), "which it is not any more");
}

#[test]
fn a_plan_without_covariates_keeps_the_digest_that_it_had_before_there_were_any() {
    let digest = "a4d7904f9edb151361cd5b88a315ec7d03dec0d041cd1716a9884df77f3abf20";
    assert_eq!(draft().digest().to_string(), digest);
}

#[test]
fn covariates_are_columns_after_the_metrics() {
    let mut draft = draft();
    draft.secondary[0] = draft.secondary[0].clone().adjusted_by("before");
    draft.secondary.push(Metric::new("visits", Kind::Mean, Better::Higher).adjusted_by("before"));
    assert_eq!(draft.columns(), ["bought", "revenue", "visits", "failed", "before"]);
    let plan = draft.freeze().unwrap();
    assert_eq!(Plan::read(&plan.text()).unwrap(), plan, "{}", plan.text());
}

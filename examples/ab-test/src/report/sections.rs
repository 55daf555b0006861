//! The sections of a report, common to the text and the page.

use super::{Report, wording};
use crate::analysis::{Comparison, Look, RATIO_LEVEL, Secondary};
use crate::plan::{Kind, Metric};
use crate::stats::{Unclear, count};

/// A section of a report: a table with an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The title.
    pub title: &'static str,
    /// How to read the table.
    pub note: String,
    /// The names of the columns.
    pub head: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// All sections that have content.
pub(super) fn of(report: &Report) -> Vec<Section> {
    let mut sections = vec![plan(report), data(report)];
    sections.extend(ratio(report));
    sections.extend(guardrails(report));
    if let Some(look) = report.last_look() {
        sections.push(primary(look, report));
        sections.extend(secondary(look));
    }
    if report.plan.looks() > 1 {
        sections.extend(looks(report));
    }
    sections
}

fn plan(report: &Report) -> Section {
    let (plan, draft) = (&report.plan, report.plan.draft());
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let share_of_b = draft.share_of_b * 100.0;
    Section {
        title: "Plan",
        note: "Frozen before the first unit was exposed. The digest is that of the whole plan.".to_owned(),
        head: vec!["", ""],
        rows: vec![
            row("to be found", wording::goal(draft)),
            row("alpha, power", format!("{}, {}", draft.alpha, draft.power)),
            row("units", format!("{}, {share_of_b:.0} % of them in B", plan.units())),
            row("looks", plan.looks().to_string()),
            row("digest", plan.digest().to_string()),
        ],
    }
}

/// The analyzed data and the date: enough to repeat the analysis.
fn data(report: &Report) -> Section {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![row("date", wording::date(report.date))];
    if let Some(source) = &report.source {
        rows.push(row("file", format!("{}, {} units", source.file, source.units)));
        rows.push(row("not analyzed", format!("{} units", report.unused())));
        rows.push(row("digest", source.digest.to_string()));
    } else {
        rows.push(row("file", "data.csv, written with the report".to_owned()));
        rows.push(row("digest", report.data_digest().to_string()));
    }
    Section {
        title: "Data",
        note: "The digest is the SHA-256 of the file.".to_owned(),
        head: vec!["", ""],
        rows,
    }
}

fn ratio(report: &Report) -> Option<Section> {
    let ratio = report.ratio?;
    let share = count(ratio.in_b) / count((ratio.in_a + ratio.in_b).max(1)) * 100.0;
    let says = if ratio.is_as_planned() { "as planned" } else { "not as planned" };
    Some(Section {
        title: "Sample ratio",
        note: format!(
            "Chi-square test of the shares; below {RATIO_LEVEL} something other than chance is at work, and there are no results."
        ),
        head: vec!["exposed", "measured in A", "measured in B", "share of B", "p", ""],
        rows: vec![vec![
            report.arrived.to_string(),
            ratio.in_a.to_string(),
            ratio.in_b.to_string(),
            format!("{share:.2} %"),
            wording::p(ratio.p),
            says.to_owned(),
        ]],
    })
}

fn guardrails(report: &Report) -> Option<Section> {
    let level = wording::p(report.plan.guardrail_level().level());
    let rows: Vec<Vec<String>> = report
        .guarded
        .iter()
        .map(|guarded| {
            let kind = guarded.guardrail.kind;
            let (harm, says) = match &guarded.improvement {
                Ok(improvement) if guarded.is_harmed() => {
                    (wording::difference(kind, improvement.reversed()), "harmed")
                }
                Ok(improvement) => {
                    (wording::difference(kind, improvement.reversed()), "not shown to be harmed")
                }
                Err(why) => (why.to_string(), "can't be judged"),
            };
            let tolerance = wording::plain_difference(kind, guarded.guardrail.tolerance);
            vec![guarded.guardrail.name.clone(), harm, tolerance, says.to_owned()]
        })
        .collect();
    (!rows.is_empty()).then(|| Section {
        title: "Guardrails",
        note: format!("A guardrail is harmed if B is worse by more than the tolerance, even at the favorable end of its interval (level {level} on that side: alpha, shared by guardrails and looks)."),
        head: vec!["metric", "harm by B", "tolerance", ""],
        rows,
    })
}

fn primary(look: &Look, report: &Report) -> Section {
    let metric = report.plan.draft().primary.metric();
    let level = wording::p(look.alpha.level());
    Section {
        title: "Primary metric",
        note: format!(
            "{}; significant below {level}, the level of this look. Difference: {}. The intervals miss the truth no more often than that level.",
            wording::test(&metric),
            wording::difference_of(&metric)
        ),
        head: vec!["metric", "A", "B", "difference", "relative to A", "p"],
        rows: shown(&metric, &look.primary, look.primary.as_ref().map_or(1.0, |primary| primary.p)),
    }
}

fn secondary(look: &Look) -> Option<Section> {
    let of = |one: &Secondary| shown(&one.metric, &one.compared, one.adjusted_p);
    let rows: Vec<_> = look.secondary.iter().flat_map(of).collect();
    (!rows.is_empty()).then(|| Section {
        title: "Secondary metrics",
        note: "They decide nothing. Their p-values are adjusted after Holm, and never below that of the primary metric; the intervals are not adjusted.".to_owned(),
        head: vec!["metric", "A", "B", "difference", "relative to A", "adjusted p"],
        rows,
    })
}

/// The rows of a metric, with further ones for a shift and for a covariate.
fn shown(metric: &Metric, compared: &Result<Comparison, Unclear>, p: f64) -> Vec<Vec<String>> {
    let compared = match compared {
        Ok(compared) => compared,
        Err(why) => {
            return vec![row(&metric.name, ["", "", &why.to_string(), "", ""])];
        }
    };
    let (a, b) = (wording::summary(compared.a), wording::summary(compared.b));
    let difference = wording::difference(metric.kind, compared.difference);
    let mut rows =
        vec![row(&metric.name, [&a, &b, &difference, &wording::lift(compared.lift), &wording::p(p)])];
    if let Some(shift) = compared.shift {
        rows.push(row("  its shift", ["", "", &wording::difference(Kind::Mean, shift), "", ""]));
    }
    if let (Some(reduction), Some(covariate)) = (compared.reduction, &metric.covariate) {
        let reduced = format!("variance reduced by {:.1} %", reduction * 100.0);
        rows.push(row(&format!("  adjusted by {covariate}"), ["", "", &reduced, "", ""]));
    }
    rows
}

fn row(name: &str, cells: [&str; 5]) -> Vec<String> {
    [name].into_iter().chain(cells).map(str::to_owned).collect()
}

fn looks(report: &Report) -> Option<Section> {
    let rows: Vec<Vec<String>> = (1..)
        .zip(report.looks_shown())
        .map(|(number, look): (usize, _)| {
            let (difference, p) = match &look.primary {
                Ok(primary) => {
                    (wording::difference(primary.metric.kind, primary.difference), wording::p(primary.p))
                }
                Err(why) => (why.to_string(), String::new()),
            };
            let fraction = format!("{:.0} %", look.fraction * 100.0);
            vec![
                number.to_string(),
                look.units.to_string(),
                fraction,
                difference,
                p,
                wording::p(look.alpha.level()),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Section {
        title: "Looks",
        note: "An early look is made at a strict level (Lan and DeMets, like O'Brien and Fleming), so that all looks together err no more often than alpha.".to_owned(),
        head: vec!["look", "units", "of the sample", "difference", "p", "level"],
        rows,
    })
}

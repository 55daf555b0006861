//! The report as an HTML page.

use askama::Template;

use super::{Report, Section, plot, sections};

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    name: String,
    word: &'static str,
    why: String,
    notice: Option<String>,
    plots: Vec<Plot>,
    sections: Vec<Section>,
}

/// A plot with its caption.
pub(super) struct Plot {
    pub(super) title: &'static str,
    pub(super) note: String,
    pub(super) svg: String,
}

pub(super) fn of(report: &Report) -> Result<String, askama::Error> {
    let page = Page {
        name: report.plan.draft().name.clone(),
        word: report.verdict.word(),
        why: report.verdict.to_string(),
        notice: report.notice(),
        plots: plot::of(report),
        sections: sections::of(report),
    };
    page.render()
}

//! `flowgen runs`

use std::io::{self, Write};

use annotate_snippets::normalize_untrusted_str;
use flowgen::report::{NodeRef, PendingUndo, Status};
use flowgen_sqlite::{Checked, Error, ListRuns, Operator, Reader, RunDetails, Summary};
use serde::Serialize;

use crate::args::{RunCommand, Runs, RunsFormat, StuckStep};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::report::counts::counted;
use crate::write::stream;

/// The result of a command that changes a run.
#[derive(Debug, Serialize)]
struct Changed<'a> {
    run: &'a str,
    /// The change, as text.
    done: String,
    /// Whether the change takes effect only when the service of the run opens the file next.
    at_next_open: bool,
    /// The new status of the run; `None` if it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    /// The visits that remain without an undo.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending_undos: Vec<PendingUndo>,
}

/// An error of a single run is a result (exit code 1), an error of the file is a failure.
pub(crate) fn run(args: &Runs) -> Result<ExitStatus, Failure> {
    let mut out = stream::stdout();
    let status = match answer(args, &mut out) {
        Err(Failure::Runs(error)) if is_about_a_run(&error) => {
            Failure::Runs(error).print();
            ExitStatus::Fail
        }
        answered => answered?,
    };
    out.flush()?;
    Ok(status)
}

fn is_about_a_run(error: &Error) -> bool {
    matches!(
        error,
        Error::Unknown { .. }
            | Error::NotStuck { .. }
            | Error::Over { .. }
            | Error::NotOver { .. }
            | Error::Refused(_)
            | Error::Unreadable { .. }
            | Error::Drawing { .. }
            | Error::Context { .. }
    )
}

fn answer(args: &Runs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let Runs { file, command, format } = args;
    let (reader, operator) = (|| Reader::open(file), || Operator::open(file));
    let changed = match command {
        RunCommand::List { status, limit, before } => {
            let list = if status.is_empty() {
                ListRuns::all()
            } else {
                ListRuns::with_statuses(status.iter().copied())
            };
            let list = before.iter().fold(list.limit(*limit), |list, seq| list.before(*seq));
            let runs = reader()?.list(&list)?;
            return write(*format, &runs, out, |out| write_list(&runs, out));
        }
        RunCommand::Show(id) => {
            let shown = reader()?.show(&id.run)?;
            return write(*format, &shown, out, |out| write_run(&shown, out));
        }
        RunCommand::Check => {
            let checked = reader()?.check()?;
            let status = if checked.problems.is_empty() { ExitStatus::Pass } else { ExitStatus::Fail };
            return Ok(status.and(write(*format, &checked, out, |out| write_checked(&checked, out))?));
        }
        RunCommand::Cancel(id) => cancel(&operator()?, &id.run)?,
        RunCommand::Retry(id) => retry(&operator()?, &id.run)?,
        RunCommand::Resolve(at) => {
            let status = operator()?.resolve(&at.run, &at.node, at.visit)?;
            Changed::struck_off(at, "was undone by hand", status)
        }
        RunCommand::Skip(at) => {
            let status = operator()?.skip(&at.run, &at.node, at.visit)?;
            Changed::struck_off(at, "is not undone", status)
        }
        RunCommand::Abandon(id) => {
            let pending_undos = operator()?.abandon(&id.run)?;
            let what = if pending_undos.is_empty() { "has no pending undos" } else { "has pending undos" };
            let done = format!("is abandoned, and {what}");
            Changed { pending_undos, ..Changed::now(&id.run, done, Some(Status::Abandoned)) }
        }
        RunCommand::Delete(id) => {
            operator()?.delete(&id.run)?;
            Changed::now(&id.run, "is deleted".to_owned(), None)
        }
    };
    write(*format, &changed, out, |out| write_changed(&changed, out))
}

fn cancel<'a>(operator: &Operator, run: &'a str) -> Result<Changed<'a>, Error> {
    let is_cancelled = operator.cancel(run)?;
    let Summary { status, refused, .. } = operator.show(run)?.summary;
    if !is_cancelled {
        return Err(Error::Over { run: run.to_owned(), status });
    }
    let mut changed = Changed::later(run, "is cancelled: it rolls back", status);
    if let Some(reason) = refused {
        changed.done.push_str(", unless the service refuses it again: ");
        changed.done.push_str(&reason);
    }
    Ok(changed)
}

fn retry<'a>(operator: &Operator, run: &'a str) -> Result<Changed<'a>, Error> {
    operator.retry(run)?;
    let status = operator.show(run)?.summary.status;
    Ok(Changed::later(run, "is retried: its failed compensations run again", status))
}

impl<'a> Changed<'a> {
    fn now(run: &'a str, done: String, status: Option<Status>) -> Self {
        Self { run, done, at_next_open: false, status, pending_undos: Vec::new() }
    }

    fn struck_off(at: &'a StuckStep, how: &str, status: Status) -> Self {
        let StuckStep { run, node, visit } = at;
        Self::now(run, format!("is {status}: visit {visit} of step {node} {how}"), Some(status))
    }

    fn later(run: &'a str, done: &str, status: Status) -> Self {
        let done = format!("{done} when its service next opens the database");
        Self { at_next_open: true, ..Self::now(run, done, Some(status)) }
    }
}

fn write<T: Serialize, W: Write>(
    format: RunsFormat,
    answer: &T,
    out: &mut W,
    human: impl FnOnce(&mut W) -> io::Result<()>,
) -> Result<ExitStatus, Failure> {
    match format {
        RunsFormat::Human => human(out)?,
        RunsFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, answer).map_err(io::Error::from)?;
            writeln!(out)?;
        }
    }
    Ok(ExitStatus::Pass)
}

/// Formats untrusted text from the file as one line of a terminal.
fn one_line(text: &str) -> String {
    normalize_untrusted_str(text).replace(['\n', '\r'], "␊")
}

fn write_list(runs: &[Summary], out: &mut impl Write) -> io::Result<()> {
    let ids: Vec<_> = runs.iter().map(|run| one_line(&run.run)).collect();
    let width = ids.iter().map(|id| id.chars().count()).max().unwrap_or_default();
    for (run, id) in runs.iter().zip(ids) {
        let status = run.status.to_string();
        let cancelled = if run.cancelled && !run.status.is_over() { ", cancelled" } else { "" };
        writeln!(out, "{id:width$}  {status:12}  started {}{cancelled}", started(run))?;
        if let Some(reason) = &run.refused {
            writeln!(out, "  {}", one_line(reason))?;
        }
    }
    if runs.is_empty() {
        writeln!(out, "no runs")?;
    }
    Ok(())
}

/// The start time, as serialized.
fn started(run: &Summary) -> String {
    let text = serde_json::to_value(run).ok().and_then(|run| run.get("started")?.as_str().map(str::to_owned));
    text.unwrap_or_default()
}

fn write_run(shown: &RunDetails, out: &mut impl Write) -> io::Result<()> {
    let RunDetails { summary, report, context, branches, messages, .. } = shown;
    let text = one_line;
    writeln!(out, "{}: {}", text(&summary.run), text(&report.summary))?;
    if let Some(reason) = &summary.refused {
        writeln!(out, "  refused: {}", text(reason))?;
    }
    if summary.cancelled && !summary.status.is_over() {
        writeln!(out, "  cancelled: it rolls back when its service continues it")?;
    }
    writeln!(out, "  started {}", started(summary))?;
    for at in &report.at {
        writeln!(out, "  at {}, visit {}, attempt {}", node(&at.node), at.visit, at.attempt)?;
    }
    let path: Vec<String> = report.path.iter().map(|entry| text(&entry.to_string())).collect();
    writeln!(out, "  path: {}", path.join(" → "))?;
    write_pending_undos("pending undo", &report.pending_undos, out)?;
    write_pending_undos("stuck", &report.stuck, out)?;
    for fault in &report.faults {
        writeln!(out, "  fault: {}", text(fault))?;
    }
    writeln!(out, "  context: {}", text(&context.to_string()))?;
    for (branch, context) in branches {
        writeln!(out, "  context of branch {branch}: {}", text(&context.to_string()))?;
    }
    for message in messages {
        writeln!(out, "  sent: {}", text(message))?;
    }
    Ok(())
}

fn node(node: &NodeRef) -> String {
    one_line(&format!("`{}` ({})", node.label, node.id))
}

fn write_pending_undos(what: &str, undos: &[PendingUndo], out: &mut impl Write) -> io::Result<()> {
    for undo in undos {
        write!(out, "  {what}: {}, visit {}", node(&undo.node), undo.visit)?;
        if let Some(fault) = &undo.fault {
            write!(out, ", {}", one_line(fault))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_changed(changed: &Changed<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{} {}", one_line(changed.run), one_line(&changed.done))?;
    write_pending_undos("pending undo", &changed.pending_undos, out)
}

fn write_checked(checked: &Checked, out: &mut impl Write) -> io::Result<()> {
    for problem in &checked.problems {
        writeln!(out, "{}", one_line(problem))?;
    }
    let runs = counted(checked.runs, "run");
    match checked.problems.len() {
        0 => writeln!(out, "{runs}, no problems"),
        problems => writeln!(out, "{runs}, {}", counted(problems, "problem")),
    }
}

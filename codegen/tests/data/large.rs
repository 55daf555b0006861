//! Large declarations are checked in bounded time.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use flowgen_codegen::analyze_sources;
use flowgen_codegen::source::Sources;

/// A line of steps, each with a value that the next one takes, and forks on the way.
fn line(steps: usize) -> (String, String) {
    let mut drawing = String::from("Shop { # Shop\n  n0: circle label:\"Begun\"\n");
    let mut declaration = String::from("n0 -> x0: u8;\n");
    for step in 1..=steps {
        let (before, next) = (step - 1, step + 1);
        let _ = writeln!(drawing, "  n{step}: rectangle label:\"Step {step}\"");
        let _ = writeln!(drawing, "  n{before}.handle(right) -> n{step}.handle(left)");
        if step % 10 == 0 && step < steps {
            let _ = writeln!(drawing, "  m{step}: rectangle label:\"Beside {step}\"");
            let _ = writeln!(drawing, "  n{before}.handle(top) -> m{step}.handle(left)");
            let _ = writeln!(drawing, "  m{step}.handle(right) -> n{next}.handle(top)");
        }
        let _ = writeln!(declaration, "n{step}(x{before}, x0) -> x{step}: u8;");
    }
    let _ =
        writeln!(drawing, "  end: circle label:\"Ended\"\n  n{steps}.handle(right) -> end.handle(left)\n}}");
    let _ = writeln!(declaration, "end(x{steps});");
    (drawing, declaration)
}

#[test]
fn a_line_of_a_thousand_values_is_accepted_in_seconds() {
    let (drawing, declaration) = line(1_000);
    let begun = Instant::now();
    let findings = analyze_sources(&Sources::with_declaration(&drawing, &declaration)).findings;
    let of_data: Vec<_> =
        findings.iter().filter(|finding| matches!(finding.rule.code, "F305" | "F501" | "F503")).collect();
    assert!(of_data.is_empty(), "{of_data:#?}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn what_is_too_large_is_reported_as_not_decided() {
    let (drawing, declaration) = line(4_000);
    let findings = analyze_sources(&Sources::with_declaration(&drawing, &declaration)).findings;
    let undecided = findings.iter().find(|finding| finding.rule.code == "F305").expect("not decided");
    assert!(undecided.message.starts_with("not decided for"), "{}", undecided.message);
}

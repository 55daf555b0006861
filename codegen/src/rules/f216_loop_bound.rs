use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::BoundReading;
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::syntax::Word;

pub(crate) static RULE: Rule = Rule {
    code: "F216",
    name: "loop-bound",
    severity: Severity::Note,
    what: "Shows how many passes the text of a loop allows, or that a number in the text is not a bound. A \
           number is a bound if it comes with a limit (`at most 3`, `fewer than 3`), with a unit (`3 \
           attempts`, `3x`) or with a verb (`retry 3`). Retries come after the first pass: `retry up to 3 \
           times` allows 4 passes. `1,000`, `1.000`, `1'000` and `1 000` mean one thousand.",
    why: "A run faults if it begins a pass more than the bound allows. Without a bound, only the decision \
          in the loop ends it.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: diamond label:"Reached?"
  n4: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(top) -> n2.handle(top) [label="No"]
  loop [at least 3 times] n2 n3
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Call customer"
  n3: diamond label:"Reached?"
  n4: circle label:"Called"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
  n3.handle(right) -> n4.handle(left) [label="Yes"]
  n3.handle(top) -> n2.handle(top) [label="No"]
  loop [at most 3 times] n2 n3
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for drawn in &cx.model.loops {
        match drawn.reading {
            BoundReading::NoNumber | BoundReading::Zero => {}
            BoundReading::NotRead => findings.push(not_read(&drawn.text)),
            BoundReading::Bound { passes, retries } => findings.push(bound(&drawn.text, passes, retries)),
        }
    }
}

/// `retries` come after the first pass.
fn bound(text: &Word, passes: u32, retries: Option<u64>) -> Finding {
    let pass = if passes == 1 { "pass" } else { "passes" };
    let count = match retries {
        _ if passes == u32::MAX => ", the largest possible bound".to_owned(),
        Some(0) => ": the first one and no retry".to_owned(),
        Some(1) => ": the first one and 1 retry".to_owned(),
        Some(retries) => format!(": the first one and {retries} retries"),
        None => String::new(),
    };
    let message = format!("{} allows at most {passes} {pass}{count}", quoted(&text.text));
    Finding::new(&RULE, text.span, message)
}

fn not_read(text: &Word) -> Finding {
    let message = format!("the number in {} is not a bound, so the loop has none", quoted(&text.text));
    Finding::new(&RULE, text.span, message)
        .help("to bound the loop, write how many passes a run may make: `loop [up to 3 times]`")
}

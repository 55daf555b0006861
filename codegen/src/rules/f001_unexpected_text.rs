use crate::finding::{Finding, Rule, Severity, Sink};
use crate::rules::wording::quoted;
use crate::source::Span;

pub(crate) static RULE: Rule = Rule {
    code: "F001",
    name: "unexpected-text",
    severity: Severity::Error,
    what: "Something stands where a drawing can't have it, or something that belongs there is missing. \
           A drawing consists of lanes, `Name { # Label … }`, and in them of nodes, `n1: circle label:\"Start\"`, \
           arrows, `n1.handle(right) -> n2.handle(left) [label=\"Yes\"]`, loops, `loop [up to 3 times] n1 n2`, \
           and comments, `// text`.",
    why: "Text that can't be read may have been a step or an arrow. The rest of its line is left out, \
          so no code is written from what remains.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) => n3.handle(left)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Pack order"
  n3: circle label:"Packed"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left)
}
"#,
};

/// What is wrong with the text.
pub(crate) enum Fault<'a> {
    /// This stands where an item should begin.
    Unexpected(&'a str),
    /// `found` stands where `what` should stand.
    Instead { what: &'static str, found: &'a str },
    /// `what` is missing behind `after`.
    Missing { what: &'static str, after: &'a str },
    /// The `{` of a lane is missing.
    MissingBrace { lane: &'a str },
    /// Something like an arrow.
    ArrowLike(&'a str),
    /// A `#` that is not a lane's label.
    Hash,
    /// A `{` without the name of a lane.
    NamelessLane,
    /// The name of a lane that is not one word; as one word it would be this.
    LaneName { written: &'a str, joined: &'a str },
    /// The name of a lane before the id of a node that is declared.
    NodePrefix(&'a str),
    /// A `}` too many.
    StrayBrace,
    /// A `[` without `]`, which should stand at this byte.
    UnclosedBracket { end: usize },
}

pub(crate) fn report(sink: &mut Sink, span: Span, fault: &Fault<'_>) {
    let finding = |message: String| Finding::new(&RULE, span, message);
    sink.push(match *fault {
        Fault::Unexpected(text) => finding(format!("unexpected {}", quoted(text)))
            .help("a lane, a node, an arrow or a loop can stand here; a comment begins with `//`"),
        Fault::Instead { what, found } => finding(format!("expected {what}, found {}", quoted(found))),
        Fault::Missing { what, after } => finding(format!("expected {what} after {}", quoted(after))),
        Fault::MissingBrace { lane } => finding(format!("expected `{{` after {}", quoted(lane)))
            .help("a lane is written `Name { # Label … }`")
            .edit(end_of(span), " {"),
        Fault::ArrowLike(found) => {
            let finding = finding(format!("expected `->`, found {}", quoted(found))).help("write `->`");
            if found.contains('<') { finding } else { finding.edit(span, "->") }
        }
        Fault::Hash => finding("unexpected `#`".into())
            .help("a lane's label stands right behind its `{`; a comment begins with `//`")
            .edit(span, "//"),
        Fault::NamelessLane => {
            finding("expected the name of a lane before `{`".into()).help("write `Name { # Label`")
        }
        Fault::LaneName { written, joined } => {
            finding(format!("the name of a lane is one word, unlike {}", quoted(written)))
                .help(format!("write {}", quoted(joined)))
                .edit(span, joined)
        }
        Fault::NodePrefix(prefix) => {
            finding(format!("unexpected {} before the id of a node", quoted(prefix)))
                .help("a node belongs to the lane that it is declared in")
                .edit(span, "")
        }
        Fault::StrayBrace => finding("`}` closes no lane".into()).help("remove it").edit(span, ""),
        Fault::UnclosedBracket { end } => {
            finding("`[` is not closed".into()).help("write `]` at its end").edit(Span::new(end, end), "]")
        }
    });
}

fn end_of(span: Span) -> Span {
    Span::new(span.end, span.end)
}

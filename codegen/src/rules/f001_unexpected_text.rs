use crate::finding::{Finding, Findings, Rule, Severity};
use crate::rules::RuleContext;
use crate::rules::text::quoted;
use crate::source::Span;
use crate::syntax::SyntaxError;

pub(crate) static RULE: Rule = Rule {
    code: "F001",
    name: "unexpected-text",
    severity: Severity::Error,
    what: "Reports text that is not FlowZap Code, and places where text is missing. A drawing consists of \
           lanes, `Name { # Label … }`. A lane contains nodes, `n1: circle label:\"Start\"`, arrows, \
           `n1.handle(right) -> n2.handle(left) [label=\"Yes\"]`, loops, `loop [up to 3 times] n1 n2`, and \
           comments, `// text`. A declaration of data contains `use` lines and items, \
           `pack_order(order, label?) -> parcel: Parcel;`.",
    why: "Text that cannot be read may have been a step or an arrow. flowgen skips the rest of the line, \
          and generates no code from the lines that remain.",
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

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    for error in cx.syntax_errors {
        findings.extend(finding(cx.text, error));
    }
}

fn finding(text: &str, error: &SyntaxError) -> Option<Finding> {
    let finding = |span: Span, message: String| Finding::new(&RULE, span, message);
    let written = |span: Span| quoted(&text[span.range()]);
    Some(match *error {
        SyntaxError::Unexpected { span } => finding(span, format!("unexpected {}", written(span)))
            .help("expected a lane, a node, an arrow or a loop; a comment begins with `//`"),
        SyntaxError::Instead { found, expected } => {
            finding(found, format!("expected {expected}, found {}", written(found)))
        }
        SyntaxError::Missing { after, expected } => {
            finding(after, format!("expected {expected} after {}", written(after)))
        }
        SyntaxError::MissingBrace { ref lane } => {
            finding(lane.span, format!("expected `{{` after {}", quoted(&lane.text)))
                .help("a lane is written `Name { # Label … }`")
                .edit(at(lane.span.end), " {")
        }
        SyntaxError::WrongArrow { span } => {
            let finding = finding(span, format!("expected `->`, found {}", written(span))).help("write `->`");
            if text[span.range()].contains('<') { finding } else { finding.edit(span, "->") }
        }
        SyntaxError::StrayHash { span } => finding(span, "unexpected `#`".into())
            .help("a lane's label comes right after its `{`; a comment begins with `//`")
            .edit(span, "//"),
        SyntaxError::NamelessLane { span } => {
            finding(span, "expected the name of a lane before `{`".into()).help("write `Name { # Label`")
        }
        SyntaxError::LaneNameOfSeveralWords { span, ref joined } => {
            finding(span, format!("expected a lane name of one word, found {}", written(span)))
                .help(format!("write {}", quoted(joined)))
                .edit(span, joined)
        }
        SyntaxError::NodePrefix { span } => {
            finding(span, format!("unexpected {} before the id of a node", written(span)))
                .help("a node belongs to the lane that it is declared in")
                .edit(span, "")
        }
        SyntaxError::StrayBrace { span } => {
            finding(span, "unmatched `}`".into()).help("remove it").edit(span, "")
        }
        SyntaxError::UnclosedBracket { span, end } => {
            finding(span, "unclosed `[`".into()).help("close it with `]`").edit(at(end), "]")
        }
        SyntaxError::UnclosedDeclaration { span } => {
            finding(span, "the declaration before the drawing is not closed".into())
                .help("write `}]` at its end")
        }
        SyntaxError::NotBuiltYet { span } => {
            finding(span, "declared waits are not built yet".into()).help("remove the item")
        }
        _ => return None,
    })
}

/// The empty span at a byte.
fn at(byte: usize) -> Span {
    Span::new(byte, byte)
}

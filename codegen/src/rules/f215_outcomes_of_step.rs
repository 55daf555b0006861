use std::collections::{HashMap, HashSet};

use crate::finding::{Finding, Findings, Rule, Severity};
use crate::model::{Arrow, Kind, Model, Node, NodeIx};
use crate::rules::text::{named, quoted};
use crate::rules::{RuleContext, alternatives};
use crate::source::Span;
use crate::syntax::{self, Drawing, Edge, Item, Reference, Word};

pub(crate) static RULE: Rule = Rule {
    code: "F215",
    name: "outcomes-of-step",
    severity: Severity::Warning,
    what: "Reports several arrows out of a step, a task, a start or a milestone, if their labels name \
           alternatives: `Success` and `Failure`, `Yes` and `No`, `> 100` and `<= 100`.",
    why: "Only a decision chooses. At any other node a run follows all arrows, so it executes both the \
          branch for success and the branch for failure.",
    wrong: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n3: rectangle label:"Ship goods"
  n4: rectangle label:"Write to customer"
  n5: circle label:"Done"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n3.handle(left) [label="Success"]
  n2.handle(bottom) -> n4.handle(left) [label="Failure"]
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
}
"#,
    right: r#"Shop { # Shop
  n1: circle label:"Start"
  n2: rectangle label:"Charge card"
  n6: diamond label:"Charge card: outcome?"
  n3: rectangle label:"Ship goods"
  n4: rectangle label:"Write to customer"
  n5: circle label:"Done"
  n1.handle(right) -> n2.handle(left)
  n2.handle(right) -> n6.handle(left)
  n6.handle(right) -> n3.handle(left) [label="Success"]
  n6.handle(bottom) -> n4.handle(left) [label="Failure"]
  n3.handle(right) -> n5.handle(left)
  n4.handle(right) -> n5.handle(bottom)
}
"#,
};

pub(crate) fn check(cx: &RuleContext<'_>, findings: &mut Findings) {
    let &RuleContext { model, drawing, .. } = cx;
    let dropped = dropped_by_source(model);
    let mut index = None;
    for ix in model.indices().filter(|&node| model[node].kind != Kind::Decision) {
        let node = &model[ix];
        let next = as_drawn(node, dropped.get(&ix));
        let arrows: Vec<_> =
            next.iter().copied().chain(&node.sends).filter(|arrow| arrow.label.is_some()).collect();
        if arrows.len() < 2 {
            continue;
        }
        let labels: Vec<&Word> = arrows.iter().filter_map(|arrow| arrow.label.as_ref()).collect();
        let texts: Vec<&str> = labels.iter().map(|label| label.text.as_str()).collect();
        let Some(found) = alternatives::find(&texts) else { continue };
        let (one, other) = found.pair;
        let message = format!(
            "a run follows both {} and {} from {}, which is not a decision",
            quoted(texts[one].trim()),
            quoted(texts[other].trim()),
            named(node)
        );
        let finding = Finding::new(&RULE, labels[one].span, message)
            .related(labels[other].span, "the other alternative")
            .related(node.id.span, "the node that both arrows leave");
        let is_whole =
            found.are_exclusive && !model.incomplete && node.sends.is_empty() && arrows.len() == next.len();
        let fixed = is_whole
            .then(|| Insertion::new(node, &next, index.get_or_insert_with(|| Index::new(model, drawing))))
            .flatten();
        findings.push(match fixed {
            Some(insertion) => {
                insertion.edits(finding).help("`flowgen check --fix` inserts a decision (a diamond)")
            }
            None => {
                finding.help("draw a decision (a diamond) after it, and let these arrows leave the decision")
            }
        });
    }
}

/// Labelled edges may be dropped from the model as returns of calls.
fn dropped_by_source(model: &Model) -> HashMap<NodeIx, Vec<&Arrow>> {
    let mut by_source: HashMap<_, Vec<_>> = HashMap::new();
    for (from, arrow) in &model.dropped {
        by_source.entry(*from).or_default().push(arrow);
    }
    by_source
}

/// All edges of control that leave a node, in the order drawn.
fn as_drawn<'m>(node: &'m Node, dropped: Option<&Vec<&'m Arrow>>) -> Vec<&'m Arrow> {
    let mut next: Vec<_> = node.next.iter().collect();
    if let Some(dropped) = dropped {
        next.extend(dropped);
        next.sort_by_key(|arrow| arrow.span);
    }
    next
}

/// The items of a drawing by position, and the ids that are taken.
struct Index<'d> {
    /// By the span of their id.
    nodes: HashMap<Span, &'d syntax::Node>,
    /// By the spans of their attributes' values.
    edges: HashMap<Span, &'d Edge>,
    /// The references in loops, by id.
    listed: HashMap<&'d str, Vec<&'d Reference>>,
    ids: HashSet<String>,
    /// The largest number after the same letters.
    numbers: HashMap<String, u64>,
}

impl<'d> Index<'d> {
    fn new(model: &Model, drawing: &'d Drawing) -> Self {
        let ids: HashSet<String> = model.nodes.iter().map(|node| node.id.text.clone()).collect();
        let mut numbers: HashMap<String, u64> = HashMap::new();
        for id in &ids {
            let letters = letters(id);
            if let Ok(number) = id[letters.len()..].parse::<u64>() {
                let largest = numbers.entry(letters.to_owned()).or_default();
                *largest = number.max(*largest);
            }
        }
        let (nodes, edges, listed) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut index = Self { nodes, edges, listed, ids, numbers };
        drawing.inner_items().for_each(|item| index.add(item));
        index
    }

    fn add(&mut self, item: &'d Item) {
        match item {
            Item::Node(node) => _ = self.nodes.insert(node.id.span, node),
            Item::Edge(edge) => {
                self.edges.extend(edge.attributes.iter().map(|attribute| (attribute.value.span, edge)));
            }
            Item::Loop(looped) => {
                for reference in &looped.nodes {
                    self.listed.entry(&reference.id.text).or_default().push(reference);
                }
            }
            Item::Lane(_) | Item::Comment(_) => {}
        }
    }

    /// The next number after the letters of this id.
    fn free_id(&mut self, id: &str) -> String {
        let number = self.numbers.entry(letters(id).to_owned()).or_default();
        loop {
            *number = number.wrapping_add(1);
            let free = format!("{}{number}", letters(id));
            if self.ids.insert(free.clone()) {
                return free;
            }
        }
    }
}

fn letters(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// The insertion of a decision between a node and its successors.
struct Insertion<'d> {
    id: String,
    label: String,
    node: &'d syntax::Node,
    edges: Vec<&'d Edge>,
    listed: Vec<&'d Reference>,
}

impl<'d> Insertion<'d> {
    /// `None` if the node or one of its edges `next` is not drawn as such.
    fn new(node: &Node, next: &[&Arrow], index: &mut Index<'d>) -> Option<Self> {
        let drawn = *index.nodes.get(&node.id.span)?;
        let edge = |arrow: &&Arrow| index.edges.get(&arrow.label.as_ref()?.span).copied();
        let mut edges: Vec<&Edge> = next.iter().map(edge).collect::<Option<_>>()?;
        edges.sort_by_key(|edge| edge.from.node.id.span.start);
        let listed = index.listed.get(node.id.text.as_str()).cloned().unwrap_or_default();
        let label = node.label.text.trim().trim_end_matches(['?', '!', '.', ':', ' ']);
        let label = format!("{label}: outcome?");
        Some(Self { id: index.free_id(&node.id.text), label, node: drawn, edges, listed })
    }

    fn edits(&self, mut finding: Finding) -> Finding {
        let id = &self.id;
        let end =
            self.node.attributes.last().map_or(self.node.shape_span, |attribute| attribute.value.span).end;
        let label = syntax::escape(&self.label);
        finding = finding.edit(Span::new(end, end), format!("\n{id}: diamond label:\"{label}\""));
        for (at, edge) in self.edges.iter().enumerate() {
            let from = &edge.from;
            let lane = from.node.lane.as_ref().map_or(String::new(), |lane| format!("{}.", lane.text));
            let new = format!("{lane}{id}");
            let new = if at == 0 {
                let exit = from.direction.map_or("right", syntax::Direction::name);
                format!("{lane}{}.handle({exit}) -> {new}.handle(left)\n{new}", from.node.id.text)
            } else {
                new
            };
            finding = finding.edit(whole(&from.node), new);
        }
        for reference in &self.listed {
            let lane = reference.lane.as_ref().map_or(String::new(), |lane| format!("{}.", lane.text));
            let end = reference.id.span.end;
            finding = finding.edit(Span::new(end, end), format!(" {lane}{id}"));
        }
        finding
    }
}

fn whole(reference: &Reference) -> Span {
    reference.lane.as_ref().map_or(reference.id.span, |lane| lane.span.to(reference.id.span))
}

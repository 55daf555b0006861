use std::collections::{HashMap, HashSet};

use super::alternatives;
use crate::finding::{Finding, Rule, Severity, Sink};
use crate::model::{Arrow, Kind, Model, Node};
use crate::rules::wording::{named, quoted};
use crate::source::Span;
use crate::syntax::{self, Drawing, Edge, Item, Reference, Word};

/// See `what`.
pub(crate) static RULE: Rule = Rule {
    code: "F215",
    name: "outcomes-of-step",
    severity: Severity::Warning,
    what: "Several arrows leave a step, a task, a start or a milestone, and their labels name outcomes of which one is \
           meant: `Success` and `Failure`, `Yes` and `No`, `> 100` and `<= 100`. A run follows all of them.",
    why: "Only a decision chooses. Several arrows out of anything else are a fork: both branches run, the one for \
          success and the one for failure.",
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

/// Checks the arrows as they are drawn, before those that lead straight to a join are left out.
pub(crate) fn check(model: &Model, drawing: &Drawing, sink: &mut Sink) {
    let mut index = None;
    for node in model.nodes.iter().filter(|node| node.kind != Kind::Decision) {
        let arrows: Vec<_> =
            node.next.iter().chain(&node.sends).filter(|arrow| arrow.label.is_some()).collect();
        if arrows.len() < 2 {
            continue;
        }
        let labels: Vec<&Word> = arrows.iter().filter_map(|arrow| arrow.label.as_ref()).collect();
        let texts: Vec<&str> = labels.iter().map(|label| label.text.as_str()).collect();
        let Some(found) = alternatives::find(&texts) else { continue };
        let (one, other) = found.pair;
        let message = format!(
            "a run follows both {} and {} from {}, which is no decision",
            quoted(texts[one].trim()),
            quoted(texts[other].trim()),
            named(node)
        );
        let finding = Finding::new(&RULE, labels[one].span, message)
            .related(labels[other].span, "the other outcome")
            .related(node.id.span, "where both begin");
        let is_whole = found.are_exclusive
            && !model.incomplete
            && node.sends.is_empty()
            && arrows.len() == node.next.len();
        let fixed = is_whole
            .then(|| Insertion::of(node, index.get_or_insert_with(|| Index::of(model, drawing))))
            .flatten();
        sink.push(match fixed {
            Some(insertion) => {
                insertion.edits(finding).help("`flowgen check --fix` puts a decision (diamond) there")
            }
            None => finding.help("draw a decision (diamond) behind it, from which these arrows lead on"),
        });
    }
}

/// What stands where in a drawing, and the ids that are taken.
struct Index<'d> {
    /// By where their ids stand.
    nodes: HashMap<Span, &'d syntax::Node>,
    /// By where their labels stand.
    edges: HashMap<Span, &'d Edge>,
    /// As loops list them, by id.
    listed: HashMap<&'d str, Vec<&'d Reference>>,
    ids: HashSet<String>,
    /// The largest number behind the same letters.
    numbers: HashMap<String, u64>,
}

impl<'d> Index<'d> {
    fn of(model: &Model, drawing: &'d Drawing) -> Self {
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
        for item in &drawing.items {
            match item {
                Item::Lane(lane) => lane.items.iter().for_each(|item| index.add(item)),
                item => index.add(item),
            }
        }
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

    /// The next number behind the letters of this id.
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

/// A decision between a node and all that it leads to.
struct Insertion<'d> {
    id: String,
    label: String,
    node: &'d syntax::Node,
    edges: Vec<&'d Edge>,
    listed: Vec<&'d Reference>,
}

impl<'d> Insertion<'d> {
    /// `None` where an arrow or the node is not drawn as such.
    fn of(node: &Node, index: &mut Index<'d>) -> Option<Self> {
        let drawn = *index.nodes.get(&node.id.span)?;
        let edge = |arrow: &Arrow| index.edges.get(&arrow.label.as_ref()?.span).copied();
        let mut edges: Vec<&Edge> = node.next.iter().map(edge).collect::<Option<_>>()?;
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

use std::collections::{HashMap, HashSet};

use crate::graph::{Dominators, Graph};
use crate::model::declare::new_node;
use crate::model::resolve::DrawnLoop;
use crate::model::{Arrow, ImpliedWayBack, Kind, Model, NodeIx};
use crate::source::Span;
use crate::syntax::Word;

/// Adds the edges back that loops imply.
pub(super) struct ImpliedEdges {
    /// The decisions that were added, by the node before them.
    pub(super) decisions: HashMap<NodeIx, Vec<NodeIx>>,
    /// By drawn node: its strongly connected component.
    component: Vec<usize>,
    /// As drawn, seen from the nodes that no edge leads to.
    dominators: Dominators,
    ids: HashSet<String>,
}

/// Several edges leave the loop's last node, so it is unknown which of them ends the loop.
pub(super) struct Ambiguous {
    pub(super) last: NodeIx,
}

impl ImpliedEdges {
    pub(super) fn new(model: &Model) -> Self {
        let control = model.control();
        let ids = model.nodes.iter().map(|node| node.id.text.clone()).collect();
        let component = control.components();
        Self { decisions: HashMap::new(), component, dominators: from_entries(&control), ids }
    }

    /// Adds an edge from the last node of a loop back to the first, unless one leads back. Returns the added
    /// edge.
    pub(super) fn add_way_back(
        &mut self,
        model: &mut Model,
        drawn: &DrawnLoop<'_>,
    ) -> Result<Option<ImpliedWayBack>, Ambiguous> {
        let (Some(&first), Some(&last)) = (drawn.nodes.first(), drawn.nodes.last()) else { return Ok(None) };
        if self.leads_back(model, drawn) {
            return Ok(None);
        }
        let added = ImpliedWayBack { keyword: drawn.keyword, from: last, to: first, is_decision: false };
        let span = drawn.text.span;
        match model[last].next.as_slice() {
            _ if model[last].kind == Kind::Decision => {
                let label = labeled(drawn);
                model[last].next.push(arrow(first, Some(label), span));
            }
            [] => model[last].next.push(arrow(first, None, span)),
            [_] => {
                self.insert_decision(model, drawn, first, last);
                return Ok(Some(ImpliedWayBack { is_decision: true, ..added }));
            }
            _ => return Err(Ambiguous { last }),
        }
        Ok(Some(added))
    }

    /// Is there an edge, on a cycle, from one of the listed nodes back to another?
    fn leads_back(&self, model: &Model, drawn: &DrawnLoop<'_>) -> bool {
        let index: HashMap<_, _> = drawn.nodes.iter().enumerate().map(|(at, &node)| (node, at)).collect();
        let backward = |from: NodeIx, to: NodeIx| match (index.get(&from), index.get(&to)) {
            (Some(from_index), Some(to_index)) => {
                self.on_one_cycle(from, to) && (to_index <= from_index || self.dominators.dominates(to, from))
            }
            _ => false,
        };
        drawn.nodes.iter().any(|&from| model[from].next.iter().any(|arrow| backward(from, arrow.to)))
    }

    /// Implied decisions are on no drawn cycle.
    fn on_one_cycle(&self, from: NodeIx, to: NodeIx) -> bool {
        self.component.get(from.0).is_some_and(|component| self.component.get(to.0) == Some(component))
    }

    /// Inserts a decision after the last node: `Again`, or `Done` along the only edge.
    fn insert_decision(&mut self, model: &mut Model, drawn: &DrawnLoop<'_>, first: NodeIx, last: NodeIx) {
        let word = |text: &str| Some(Word { text: text.to_owned(), span: drawn.text.span });
        let id = Word { text: self.free_id(last, &model[last].id.text), span: drawn.text.span };
        let decision = NodeIx(model.nodes.len());
        let mut node = new_node(id, labeled(drawn), Kind::Decision, model[last].lane);
        node.next = vec![arrow(first, word("Again"), drawn.text.span)];
        let onward = std::mem::replace(&mut model[last].next, vec![arrow(decision, None, drawn.text.span)]);
        node.next.extend(onward.into_iter().map(|onward| Arrow { label: word("Done"), ..onward }));
        model.nodes.push(node);
        self.decisions.entry(last).or_default().push(decision);
    }

    /// `n5_loop`, or the next free one.
    fn free_id(&mut self, last: NodeIx, id: &str) -> String {
        let mut count = self.decisions.get(&last).map_or(0, Vec::len);
        loop {
            count += 1;
            let free = if count == 1 { format!("{id}_loop") } else { format!("{id}_loop_{count}") };
            if self.ids.insert(free.clone()) {
                return free;
            }
        }
    }
}

fn from_entries(control: &Graph) -> Dominators {
    let mut entered = vec![false; control.len()];
    for (_, to) in control.edges() {
        entered[to.0] = true;
    }
    Dominators::new(control, control.nodes().filter(|node| !entered[node.0]))
}

/// The label of the way back: the loop's text.
fn labeled(drawn: &DrawnLoop<'_>) -> Word {
    let text = if drawn.text.text.is_empty() { "Again" } else { &drawn.text.text };
    Word { text: text.to_owned(), span: drawn.text.span }
}

fn arrow(to: NodeIx, label: Option<Word>, span: Span) -> Arrow {
    Arrow { to, label, outcome: String::new(), span, unlabeled: None }
}

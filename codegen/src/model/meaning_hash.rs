use super::data::{Data, Gives, NameIx, Take};
use super::{Arrow, Kind, Model, NodeIx};

/// A hash of the meaning of a drawing. Equal for drawings with the same meaning and the same order of nodes,
/// as saved runs name nodes by index.
///
/// FNV-1a, 64 bits (Fowler, Noll, Vo), over tags, ids and labels, each preceded by its length. It is the same
/// on every machine and in every version, and does not withstand an attacker.
#[must_use]
pub fn meaning_hash(model: &Model) -> u64 {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    for node in &model.nodes {
        hash.text(&node.id.text);
        hash.text(kind(node.kind));
        hash.text(&node.label.text);
        hash.text(&model[node.lane].name.text);
        hash.arrows(model, &node.next);
        hash.arrows(model, &node.sends);
        hash.nodes(model, node.join.as_slice());
        hash.nodes(model, &node.undoes);
    }
    for bounded in &model.loops {
        hash.number(bounded.bound.map_or(0, u64::from));
        hash.nodes(model, &[bounded.head]);
        hash.nodes(model, &bounded.nodes);
    }
    if let Some(data) = &model.data {
        hash.data(model, data);
    }
    hash.0
}

struct Hash(u64);

impl Hash {
    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    fn nodes(&mut self, model: &Model, nodes: &[NodeIx]) {
        self.number(nodes.len() as u64);
        for &node in nodes {
            self.text(&model[node].id.text);
        }
    }

    fn data(&mut self, model: &Model, data: &Data) {
        for (&node, declared) in &data.nodes {
            self.nodes(model, &[node]);
            for taken in &declared.takes {
                self.text(take(taken.take));
                self.name(data, taken.take.name());
            }
            self.nodes(model, declared.gives.decision().as_slice());
            match &declared.gives {
                Gives::Nothing => {}
                Gives::Value(name) => self.name(data, Some(*name)),
                Gives::Outcomes { outcomes, .. } => {
                    for outcome in outcomes {
                        self.name(data, outcome.name);
                        self.number(u64::from(outcome.is_done));
                    }
                }
            }
        }
    }

    fn name(&mut self, data: &Data, name: Option<NameIx>) {
        self.text(name.map_or("", |name| &data.names[name.0].name.text));
    }

    fn arrows(&mut self, model: &Model, arrows: &[Arrow]) {
        self.number(arrows.len() as u64);
        for arrow in arrows {
            self.text(&model[arrow.to].id.text);
            self.text(&arrow.outcome);
        }
    }
}

/// The name of a form of input in the hash. Does not change with the variant's name.
fn take(take: Take) -> &'static str {
    match take {
        Take::One(_) => "one",
        Take::Optional(_) => "optional",
        Take::List(_) => "list",
        Take::Moved(_) => "moved",
        Take::Cause => "cause",
    }
}

/// The name of a kind in the hash. Does not change with the variant's name.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Start => "start",
        Kind::End => "end",
        Kind::Milestone => "milestone",
        Kind::Step => "step",
        Kind::Task => "task",
        Kind::Decision => "decision",
    }
}

//! Drawings that tests make, change and print.

use std::fmt::Write;

#[derive(Clone, Debug, Default)]
pub(crate) struct Sketch {
    pub(crate) nodes: Vec<Node>,
    pub(crate) arrows: Vec<Arrow>,
    pub(crate) loops: Vec<Loop>,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) shape: &'static str,
    pub(crate) label: String,
    pub(crate) lane: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) label: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Loop {
    pub(crate) text: String,
    pub(crate) nodes: Vec<usize>,
}

pub(crate) const CIRCLE: &str = "circle";
pub(crate) const STEP: &str = "rectangle";
pub(crate) const TASK: &str = "taskbox";
pub(crate) const DECISION: &str = "diamond";
pub(crate) const UNDO: &str = "compensated by";

impl Arrow {
    pub(crate) fn is_undo(&self) -> bool {
        self.label == UNDO
    }

    pub(crate) fn is_message(&self) -> bool {
        self.label.starts_with("async:")
    }

    pub(crate) fn is_control(&self) -> bool {
        !self.is_undo() && !self.is_message()
    }
}

impl Sketch {
    pub(crate) fn node(&mut self, shape: &'static str, label: impl Into<String>, lane: usize) -> usize {
        self.nodes.push(Node { shape, label: label.into(), lane });
        self.nodes.len() - 1
    }

    pub(crate) fn arrow(&mut self, from: usize, to: usize, label: impl Into<String>) {
        self.arrows.push(Arrow { from, to, label: label.into() });
    }

    pub(crate) fn is_decision(&self, node: usize) -> bool {
        self.nodes[node].shape == DECISION
    }

    /// The same without a node. What led to it leads to `instead`, if to anything.
    pub(crate) fn without(&self, node: usize, instead: Option<usize>) -> Self {
        let moved = |other: usize| if other > node { other - 1 } else { other };
        let mut less = self.clone();
        less.nodes.remove(node);
        for arrow in &mut less.arrows {
            if let Some(instead) = instead.filter(|_| arrow.to == node) {
                arrow.to = instead;
            }
        }
        less.arrows.retain(|arrow| arrow.from != node && arrow.to != node);
        for arrow in &mut less.arrows {
            (arrow.from, arrow.to) = (moved(arrow.from), moved(arrow.to));
        }
        for bounded in &mut less.loops {
            bounded.nodes.retain(|other| *other != node);
            bounded.nodes.iter_mut().for_each(|other| *other = moved(*other));
        }
        less.loops.retain(|bounded| !bounded.nodes.is_empty());
        less
    }

    /// As FlowZap Code.
    pub(crate) fn text(&self) -> String {
        let lanes = self.nodes.iter().map(|node| node.lane).max().map_or(0, |last| last + 1);
        let mut text = String::new();
        for lane in 0..lanes {
            let _ = writeln!(text, "Lane{lane} {{ # Lane {lane}");
            for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.lane == lane) {
                let _ = writeln!(text, "  n{}: {} label:\"{}\"", at + 1, node.shape, node.label);
            }
            for arrow in self.arrows.iter().filter(|arrow| self.nodes[arrow.from].lane == lane) {
                self.write_arrow(&mut text, arrow);
            }
            text.push_str("}\n");
        }
        for Loop { text: bound, nodes } in &self.loops {
            let ids: Vec<String> = nodes.iter().map(|node| format!("n{}", node + 1)).collect();
            let _ = writeln!(text, "loop [{bound}] {}", ids.join(" "));
        }
        text
    }

    fn write_arrow(&self, text: &mut String, Arrow { from, to, label }: &Arrow) {
        let (home, lane) = (self.nodes[*from].lane, self.nodes[*to].lane);
        let prefix = if home == lane { String::new() } else { format!("Lane{lane}.") };
        let label = if label.is_empty() { String::new() } else { format!(" [label=\"{label}\"]") };
        let _ = writeln!(text, "  n{}.handle(right) -> {prefix}n{}.handle(left){label}", from + 1, to + 1);
    }
}

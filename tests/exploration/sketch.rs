//! Plans made by counting or by chance: any roles, any arrows.

use std::collections::{BTreeSet, VecDeque};

use flowgen::plan::{Kind, LaneSpec, LoopSpec, NodeSpec, Plan};

/// A plan before joins, triggers and loops are worked out. Node 0 is the start, the last is the end.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) start: Vec<u32>,
    pub(crate) inner: Vec<Inner>,
    /// Bounds each circle.
    pub(crate) bound: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) role: Role,
    pub(crate) next: Vec<u32>,
    pub(crate) sends: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Step,
    /// A step that has to have a compensation.
    Compensable,
    Decision,
    Milestone,
    Undo {
        steps: Vec<u32>,
        rolls_back: bool,
    },
}

impl Sketch {
    fn end(&self) -> u32 {
        u32::try_from(self.inner.len() + 1).unwrap()
    }

    fn at(&self, node: u32) -> Option<&Inner> {
        self.inner.get((node as usize).checked_sub(1)?)
    }

    fn nodes(&self) -> impl Iterator<Item = (u32, &Inner)> {
        (1..).zip(&self.inner)
    }

    fn next(&self, node: u32) -> &[u32] {
        if node == 0 { &self.start } else { self.at(node).map_or(&[], |inner| &inner.next) }
    }

    /// Is each compensable step undone by one compensation, and each compensation there for some?
    fn is_paired(&self) -> bool {
        let mut undone: Vec<u32> = Vec::new();
        for (_, inner) in self.nodes() {
            if let Role::Undo { steps, .. } = &inner.role {
                undone.extend(steps);
            }
        }
        undone.sort_unstable();
        let compensable =
            self.nodes().filter(|(_, inner)| inner.role == Role::Compensable).map(|(node, _)| node);
        compensable.eq(undone)
    }

    /// Drops the compensations that undo nothing, and the roles of steps that nothing undoes.
    pub(crate) fn pair(&mut self) {
        let mut unpaired: BTreeSet<u32> =
            self.nodes().filter(|(_, inner)| inner.role == Role::Compensable).map(|(node, _)| node).collect();
        for inner in &mut self.inner {
            if let Role::Undo { steps, .. } = &mut inner.role {
                steps.retain(|step| unpaired.remove(step));
                if steps.is_empty() {
                    inner.role = Role::Step;
                }
            }
        }
        for node in unpaired {
            self.inner[node as usize - 1].role = Role::Step;
        }
    }

    /// The same, drawn. What rolls back, where forks join and what triggers is for the reader to see.
    pub(crate) fn drawing(&self) -> String {
        let end = self.end();
        let mut lines = vec!["n0: circle label:\"Start\"".to_owned()];
        for (node, inner) in self.nodes() {
            let shape = match inner.role {
                Role::Milestone => "circle",
                Role::Decision => "diamond",
                Role::Step | Role::Compensable | Role::Undo { .. } => "rectangle",
            };
            lines.push(format!("n{node}: {shape} label:\"Node {node}\""));
        }
        lines.push(format!("n{end}: circle label:\"End\""));
        let arrow = |from, to, label: &str| format!("n{from}.handle(right) -> n{to}.handle(left){label}");
        lines.extend(self.start.iter().map(|to| arrow(0, *to, "")));
        for (node, inner) in self.nodes() {
            for to in &inner.next {
                let is_decision = inner.role == Role::Decision;
                let label = if is_decision { format!(" [label=\"To {to}\"]") } else { String::new() };
                lines.push(arrow(node, *to, &label));
            }
            lines.extend(inner.sends.iter().map(|to| arrow(node, *to, " [label=\"async: Tell\"]")));
            lines.extend(self.undoes(node).iter().map(|of| arrow(*of, node, " [label=\"compensated by\"]")));
        }
        lines.extend(self.loops().iter().map(|looped| {
            let nodes: Vec<String> = looped.nodes.iter().map(|node| format!("n{node}")).collect();
            let text = looped.bound.map_or_else(|| "again".to_owned(), |bound| format!("max {bound}"));
            format!("loop [{text}] {}", nodes.join(" "))
        }));
        format!("Lane {{ # Lane\n{}\n}}\n", lines.join("\n"))
    }

    /// Does every node that is no compensation stand on a way from the start?
    fn is_connected(&self) -> bool {
        let mut reached = self.reached(&self.start);
        for (node, inner) in self.nodes() {
            if matches!(inner.role, Role::Undo { .. }) || self.is_trigger(inner) {
                reached.extend(self.reached(&[node]));
            }
        }
        self.nodes().all(|(node, _)| reached.contains(&node))
    }

    fn reached(&self, from: &[u32]) -> BTreeSet<u32> {
        let mut open: VecDeque<u32> = from.iter().copied().collect();
        let mut reached = BTreeSet::new();
        while let Some(node) = open.pop_front() {
            if reached.insert(node) {
                open.extend(self.next(node));
                open.extend(self.at(node).into_iter().flat_map(|inner| &inner.sends));
            }
        }
        reached
    }

    fn undoes(&self, node: u32) -> &[u32] {
        match self.at(node).map(|inner| &inner.role) {
            Some(Role::Undo { steps, .. }) => steps,
            _ => &[],
        }
    }

    fn is_trigger(&self, inner: &Inner) -> bool {
        let to_compensation = |node: &u32| !self.undoes(*node).is_empty();
        inner.role == Role::Step && !inner.next.is_empty() && inner.next.iter().all(to_compensation)
    }

    /// The first node that every branch reaches.
    fn join(&self, next: &[u32]) -> Option<u32> {
        let (first, others) = next.split_first()?;
        let others: Vec<BTreeSet<u32>> = others.iter().map(|branch| self.reached(&[*branch])).collect();
        let mut open = VecDeque::from([*first]);
        let mut seen = BTreeSet::new();
        while let Some(node) = open.pop_front() {
            if others.iter().all(|reached| reached.contains(&node)) {
                return Some(node);
            }
            if seen.insert(node) {
                open.extend(self.next(node));
            }
        }
        None
    }

    /// The circles, each with its first node as head.
    fn loops(&self) -> Vec<LoopSpec> {
        let Some(bound) = self.bound else { return Vec::new() };
        let within = |head: u32, node: u32| {
            self.reached(self.next(head)).contains(&node) && self.reached(self.next(node)).contains(&head)
        };
        let mut loops: Vec<LoopSpec> = Vec::new();
        for (head, _) in self.nodes() {
            let nodes: Vec<u32> =
                self.nodes().map(|(node, _)| node).filter(|node| within(head, *node)).collect();
            if nodes.first() == Some(&head) {
                loops.push(LoopSpec::new("bounded", head, nodes.leak(), bound));
            }
        }
        loops
    }

    /// The plan, which lives on for as long as the test. `None` where pairs or ways are missing.
    pub(crate) fn plan(&self) -> Option<&'static Plan> {
        if !self.is_paired() || !self.is_connected() {
            return None;
        }
        let mut nodes = vec![self.spec(0, "start", Kind::Start, &[])];
        nodes.extend(self.nodes().map(|(node, inner)| self.inner_spec(node, inner)));
        nodes.push(self.spec(self.end(), "end", Kind::End, &[]));
        let lanes: &[LaneSpec] = &[const { LaneSpec::new("Lane", "Lane") }];
        let plan = Plan::new(lanes, nodes.leak(), self.loops().leak());
        let mut triggers = self.nodes().filter(|(_, inner)| self.is_trigger(inner));
        let plan = match (triggers.next(), triggers.next()) {
            (Some((trigger, _)), None) => plan.trigger(trigger),
            _ => plan,
        };
        Some(Box::leak(Box::new(plan)))
    }

    fn spec(&self, node: u32, id: &'static str, kind: Kind, sends: &[u32]) -> NodeSpec {
        let next = self.next(node);
        let spec = NodeSpec::new(id, id, 0, kind).next(next.to_vec().leak()).sends(sends.to_vec().leak());
        match self.join(next) {
            Some(join) if next.len() > 1 && kind != Kind::Decision => spec.join(join),
            _ => spec,
        }
    }

    fn inner_spec(&self, node: u32, inner: &Inner) -> NodeSpec {
        let kind = match inner.role {
            Role::Decision => Kind::Decision,
            Role::Milestone => Kind::Milestone,
            Role::Step | Role::Compensable | Role::Undo { .. } => Kind::Step,
        };
        let spec = self.spec(node, format!("n{node}").leak(), kind, &inner.sends);
        match &inner.role {
            Role::Compensable => {
                let by = self.nodes().map(|(by, _)| by).find(|by| self.undoes(*by).contains(&node));
                NodeSpec { undone_by: by, ..spec }
            }
            Role::Undo { steps, rolls_back } => {
                let spec = NodeSpec { rolls_back: *rolls_back, ..spec };
                spec.undoes(steps.clone().leak())
            }
            _ if self.is_trigger(inner) => spec.rolls_back(),
            _ => spec,
        }
    }
}

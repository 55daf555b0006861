use crate::graph::NodeIx;

/// Sets of nested branches that a run can be in. Each set is a path from the root of a tree.
pub(super) struct Branches {
    all: Vec<Branch>,
}

#[derive(Clone, Copy)]
struct Branch {
    fork: NodeIx,
    /// The node at which it begins.
    target: NodeIx,
    join: Option<NodeIx>,
    /// The branch around it; the root is its own parent.
    parent: usize,
    depth: usize,
    /// A branch further out, so that a search outward takes logarithmic time (Myers 1983).
    jump: usize,
    /// The set of branches after the join, without all branches that end at the same join.
    behind_join: usize,
}

/// How two sets of branches relate.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Same,
    /// They differ from one fork on, which starts these branches.
    Apart {
        fork: NodeIx,
        branches: [NodeIx; 2],
    },
    /// The second has all branches of the first, followed by this one.
    Inner {
        fork: NodeIx,
        branch: NodeIx,
    },
    /// A run is in one of them at a time, or comes to the first from the second.
    Other,
}

impl Default for Branches {
    fn default() -> Self {
        let nowhere = NodeIx(usize::MAX);
        let root = Branch {
            fork: nowhere,
            target: nowhere,
            join: None,
            parent: Self::NONE,
            depth: 0,
            jump: Self::NONE,
            behind_join: Self::NONE,
        };
        Self { all: vec![root] }
    }
}

impl Branches {
    /// No branch at all.
    pub(super) const NONE: usize = 0;

    /// Adds the branch of `fork` that begins at `target` to a set. Call it once for each.
    pub(super) fn enter(
        &mut self,
        parent: usize,
        fork: NodeIx,
        target: NodeIx,
        join: Option<NodeIx>,
    ) -> usize {
        let around = self.all[parent];
        let jump = self.all[around.jump];
        let is_even = around.depth - jump.depth == jump.depth - self.all[jump.jump].depth;
        let ends_there_too = parent != Self::NONE && around.join == join;
        self.all.push(Branch {
            fork,
            target,
            join,
            parent,
            depth: around.depth + 1,
            jump: if is_even { jump.jump } else { parent },
            behind_join: if ends_there_too { around.behind_join } else { parent },
        });
        self.all.len() - 1
    }

    /// The set of branches in which a run is at a node: without those whose join it is.
    pub(super) fn join(&self, within: usize, node: NodeIx) -> usize {
        let branch = &self.all[within];
        if branch.join == Some(node) { branch.behind_join } else { within }
    }

    /// The branch around a branch.
    pub(super) fn parent(&self, branch: usize) -> usize {
        self.all[branch].parent
    }

    /// The node at which the innermost branch ends.
    pub(super) fn join_of(&self, within: usize) -> Option<NodeIx> {
        self.all[within].join.filter(|_| within != Self::NONE)
    }

    /// The branches of a set, the innermost first.
    pub(super) fn outward_from(&self, within: usize) -> impl Iterator<Item = usize> {
        let next = |&at: &usize| Some(self.all[at].parent);
        std::iter::successors(Some(within), next).take_while(|&at| at != Self::NONE)
    }

    /// The fork of the innermost branch.
    pub(super) fn fork(&self, within: usize) -> Option<NodeIx> {
        (within != Self::NONE).then(|| self.all[within].fork)
    }

    pub(super) fn relation(&self, one: usize, other: usize) -> Relation {
        if one == other {
            return Relation::Same;
        }
        let depth = self.all[one].depth.min(self.all[other].depth);
        let (mut a, mut b) = (self.outward(one, depth), self.outward(other, depth));
        if a == b {
            if self.all[other].depth == depth {
                return Relation::Other;
            }
            let Branch { fork, target, .. } = self.all[self.outward(other, depth + 1)];
            return Relation::Inner { fork, branch: target };
        }
        // Branches of one depth have jumps of one depth.
        while self.all[a].parent != self.all[b].parent {
            let (Branch { jump, parent, .. }, other) = (self.all[a], self.all[b]);
            (a, b) = if jump == other.jump { (parent, other.parent) } else { (jump, other.jump) };
        }
        let (a, b) = (self.all[a], self.all[b]);
        if a.fork == b.fork {
            Relation::Apart { fork: a.fork, branches: [a.target, b.target] }
        } else {
            Relation::Other
        }
    }

    /// The branch of this depth around another one.
    fn outward(&self, mut at: usize, depth: usize) -> usize {
        while self.all[at].depth > depth {
            let Branch { jump, parent, .. } = self.all[at];
            at = if self.all[jump].depth >= depth { jump } else { parent };
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(branches: &mut Branches, parent: usize, fork: usize, target: usize, join: usize) -> usize {
        branches.enter(parent, NodeIx(fork), NodeIx(target), Some(NodeIx(join)))
    }

    #[test]
    fn branches_of_one_fork_are_apart() {
        let mut branches = Branches::default();
        let left = enter(&mut branches, Branches::NONE, 1, 2, 9);
        let right = enter(&mut branches, Branches::NONE, 1, 3, 9);
        let inner = enter(&mut branches, right, 3, 4, 8);
        let apart = Relation::Apart { fork: NodeIx(1), branches: [NodeIx(2), NodeIx(3)] };
        assert_eq!(branches.relation(left, inner), apart);
        let within = Relation::Inner { fork: NodeIx(3), branch: NodeIx(4) };
        assert_eq!(branches.relation(right, inner), within);
        assert_eq!(branches.relation(inner, right), Relation::Other);
        assert_eq!(branches.relation(inner, inner), Relation::Same);
    }

    #[test]
    fn a_join_leaves_all_branches_that_end_there() {
        let mut branches = Branches::default();
        let outer = enter(&mut branches, Branches::NONE, 1, 2, 9);
        let inner = enter(&mut branches, outer, 2, 3, 9);
        let other = enter(&mut branches, outer, 2, 3, 8);
        assert_eq!(branches.join(inner, NodeIx(9)), Branches::NONE);
        assert_eq!(branches.join(inner, NodeIx(8)), inner);
        assert_eq!(branches.join(other, NodeIx(8)), outer);
    }

    #[test]
    fn deep_branches_part_where_their_parents_did() {
        let mut branches = Branches::default();
        let mut ends = [5, 6].map(|target| enter(&mut branches, Branches::NONE, 4, target, 99));
        for depth in 0..1_000 {
            ends = ends.map(|end| enter(&mut branches, end, 10 + depth, 11 + depth, 98));
        }
        let apart = Relation::Apart { fork: NodeIx(4), branches: [NodeIx(5), NodeIx(6)] };
        assert_eq!(branches.relation(ends[0], ends[1]), apart);
        let inner = Relation::Inner { fork: NodeIx(4), branch: NodeIx(6) };
        assert_eq!(branches.relation(Branches::NONE, ends[1]), inner);
    }
}

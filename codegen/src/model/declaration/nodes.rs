use std::collections::HashMap;

use crate::model::names::circle_name;
use crate::model::{Model, Node, NodeIx};
use crate::syntax::declaration::NodeName;

/// The nodes of each name by which a declaration can refer to them.
pub(super) struct NodeNames {
    by_name: HashMap<String, Vec<NodeIx>>,
}

impl NodeNames {
    pub(super) fn new(model: &Model) -> Self {
        let mut by_name: HashMap<String, Vec<NodeIx>> = HashMap::new();
        for node in model.indices() {
            let id = model[node].id.text.clone();
            let name = declared_name(&model[node]);
            if id != name {
                by_name.entry(id).or_default().push(node);
            }
            by_name.entry(name).or_default().push(node);
        }
        Self { by_name }
    }

    /// All nodes of this name, in the lane if one is named: by its module, or as drawn.
    pub(super) fn find(&self, model: &Model, name: &NodeName) -> Vec<NodeIx> {
        let mut found = self.by_name.get(&name.name.text).cloned().unwrap_or_default();
        if let Some(lane) = &name.lane {
            found.retain(|&node| {
                let home = &model[model[node].lane];
                home.module == lane.text || home.name.text == lane.text
            });
        }
        found
    }
}

/// The name by which a declaration refers to a node: its method, or for a circle what would be one.
pub(crate) fn declared_name(node: &Node) -> String {
    if node.is_implemented() { node.names.method.clone() } else { circle_name(node) }
}

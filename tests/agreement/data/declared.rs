//! Declarations made up at random, and less of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flowgen_codegen::Analysis;
use flowgen_codegen::model::data::Take;
use flowgen_codegen::model::{Kind, Model, NodeIx};

use crate::dice::Dice;

#[derive(Clone, Debug, Default)]
pub(crate) struct Declared {
    items: BTreeMap<NodeIx, Item>,
    names: usize,
}

#[derive(Clone, Debug, Default)]
struct Item {
    takes: Vec<(String, Form)>,
    gives: Outputs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    One,
    Optional,
    List,
    Moved,
    Cause,
}

#[derive(Clone, Debug, Default)]
enum Outputs {
    #[default]
    Nothing,
    Value(String),
    /// The names by outcome, and whether an outcome means that the step is done, where that is asked.
    Outcomes(Vec<(String, Option<String>)>, Option<usize>),
}

impl Declared {
    pub(crate) fn draw(model: &Model, dice: &mut Dice) -> Self {
        let mut declared = Self::default();
        let fused = declared.outputs(model, dice);
        declared.inputs(model, dice, &fused);
        declared
    }

    /// Lets nodes give names, and returns the decisions that are fused then.
    fn outputs(&mut self, model: &Model, dice: &mut Dice) -> Vec<NodeIx> {
        let mut fused = Vec::new();
        for node in model.indices() {
            let gives = match model[node].kind {
                Kind::Start if !dice.once_in(5) => Outputs::Value("input".to_owned()),
                Kind::Start if dice.once_in(2) => Outputs::Value(self.name(dice)),
                Kind::Step | Kind::Task if !model[node].is_compensation() && !dice.once_in(3) => {
                    match fusable(model, node).filter(|_| !dice.once_in(4)) {
                        Some(decision) => {
                            fused.push(decision);
                            self.outcomes(model, node, decision, dice)
                        }
                        None => Outputs::Value(self.name(dice)),
                    }
                }
                _ => Outputs::Nothing,
            };
            self.items.insert(node, Item { takes: Vec::new(), gives });
        }
        fused
    }

    fn outcomes(&mut self, model: &Model, step: NodeIx, decision: NodeIx, dice: &mut Dice) -> Outputs {
        let outcomes: Vec<_> = model[decision]
            .next
            .iter()
            .map(|arrow| (arrow.outcome.clone(), (!dice.once_in(3)).then(|| self.name(dice))))
            .collect();
        let done = model[step].undone_by.map(|_| dice.below(outcomes.len()));
        Outputs::Outcomes(outcomes, done)
    }

    /// Mostly a new name.
    fn name(&mut self, dice: &mut Dice) -> String {
        if self.names > 0 && dice.once_in(4) {
            return format!("x{}", dice.below(self.names));
        }
        if dice.once_in(25) {
            return "input".to_owned();
        }
        self.names += 1;
        format!("x{}", self.names - 1)
    }

    fn inputs(&mut self, model: &Model, dice: &mut Dice, fused: &[NodeIx]) {
        let names = self.given();
        if names.is_empty() {
            return;
        }
        for node in model.indices() {
            let takes_nothing =
                matches!(model[node].kind, Kind::Start | Kind::Milestone) || fused.contains(&node);
            if takes_nothing {
                continue;
            }
            let mut takes: Vec<(String, Form)> = Vec::new();
            let rolls_back = model[node].is_compensation() || model[node].begins_rollback();
            if model[node].is_compensation() && !dice.once_in(15) {
                let step = model[node].undoes[0];
                let of_step = self.items[&step].takes.clone();
                takes.extend(of_step.into_iter().filter(|_| !dice.once_in(3)));
            } else {
                for _ in 0..dice.below(4) {
                    let name = names[dice.below(names.len())].clone();
                    let form = match dice.below(40) {
                        0..=22 => Form::One,
                        23..=30 => Form::Optional,
                        31..=38 => Form::List,
                        _ => Form::Moved,
                    };
                    if takes.iter().all(|(other, _)| *other != name) {
                        takes.push((name, form));
                    }
                }
            }
            if if rolls_back { dice.once_in(2) } else { dice.once_in(30) } {
                takes.push(("cause".to_owned(), Form::Cause));
            }
            self.items.get_mut(&node).unwrap().takes = takes;
        }
    }

    /// All names that are given.
    fn given(&self) -> Vec<String> {
        let mut names = Vec::new();
        for item in self.items.values() {
            match &item.gives {
                Outputs::Nothing => {}
                Outputs::Value(name) => names.push(name.clone()),
                Outputs::Outcomes(outcomes, _) => {
                    names.extend(outcomes.iter().filter_map(|(_, name)| name.clone()));
                }
            }
        }
        names.sort();
        names.dedup();
        names
    }

    pub(crate) fn text(&self, model: &Model) -> String {
        let mut text = String::new();
        for (&node, Item { takes, gives }) in &self.items {
            if takes.is_empty() && matches!(gives, Outputs::Nothing) {
                continue;
            }
            let takes: Vec<_> = takes
                .iter()
                .map(|(name, form)| match form {
                    Form::One | Form::Cause => name.clone(),
                    Form::Optional => format!("{name}?"),
                    Form::List => format!("[{name}]"),
                    Form::Moved => format!("take {name}"),
                })
                .collect();
            let takes = if takes.is_empty() { String::new() } else { format!("({})", takes.join(", ")) };
            let gives = match gives {
                Outputs::Nothing => String::new(),
                Outputs::Value(name) => format!(" -> {name}: u8"),
                Outputs::Outcomes(outcomes, done) => {
                    let one = |(outcome, name): &(String, Option<String>)| match name {
                        Some(name) => format!("{outcome}({name}: u8)"),
                        None => outcome.clone(),
                    };
                    let all: Vec<_> = outcomes.iter().map(one).collect();
                    let done = done.map_or(String::new(), |done| format!(" done: {}", outcomes[done].0));
                    format!(" -> {}{done}", all.join(", "))
                }
            };
            let _ = writeln!(text, "{}{takes}{gives};", model[node].id.text);
        }
        text
    }

    /// Takes away, or weakens, what the analysis has found.
    pub(crate) fn repair(&mut self, Analysis { model, findings, .. }: &Analysis, dice: &mut Dice) {
        let data = model.data.as_ref().unwrap();
        for finding in findings {
            for (node, of_node) in &data.nodes {
                if finding.rule.code == "F503" && finding.span == of_node.span {
                    self.items.get_mut(node).unwrap().gives = Outputs::Nothing;
                }
                let input = of_node.takes.iter().find(|taken| taken.span == finding.span);
                let Some(taken) = input else { continue };
                let name = taken.take.name().map_or("cause", |name| &data.names[name.0].name.text);
                let inputs = &mut self.items.get_mut(node).unwrap().takes;
                let Some(at) = inputs.iter().position(|(taken, _)| taken == name) else { continue };
                let may_weaken = finding.rule.code == "F501" && !model[*node].is_compensation();
                if may_weaken && matches!(taken.take, Take::One(_)) && !dice.once_in(3) {
                    inputs[at].1 = Form::Optional;
                } else {
                    inputs.remove(at);
                }
            }
        }
        // Compensations take what their steps take now, and nobody takes what is not given any more.
        let given = self.given();
        for node in model.indices() {
            let mut takes = self.items[&node].takes.clone();
            takes.retain(|(name, form)| *form == Form::Cause || given.contains(name));
            for step in &model[node].undoes {
                let of_step = self.items.get(step).map(|item| item.takes.clone()).unwrap_or_default();
                takes.retain(|take| take.1 == Form::Cause || of_step.contains(take));
            }
            self.items.get_mut(&node).unwrap().takes = takes;
        }
    }
}

/// The decision that can be fused with a step.
fn fusable(model: &Model, step: NodeIx) -> Option<NodeIx> {
    let [only] = &model[step].next[..] else { return None };
    let decision = only.to;
    let nodes = || model.nodes.iter();
    let entering =
        nodes().flat_map(|node| node.next.iter().chain(&node.sends)).filter(|arrow| arrow.to == decision);
    let is_fusable = model[decision].kind == Kind::Decision
        && model[decision].lane == model[step].lane
        && entering.count() == 1;
    is_fusable.then_some(decision)
}

//! Loops, whose text is shown at the arrow that leads back.

use std::collections::{HashMap, HashSet};

use flowgen_codegen::model::{Loop as Bounded, Model, NodeIx};
use flowgen_codegen::source::Span;
use flowgen_codegen::syntax::{Direction, Drawing, Item, Loop};

use crate::sketch::{Arrow, Named, Sketch, Stroke, is_rollback, items};

/// Adds the text of each loop to the arrow that leads back, and draws that arrow if the loop implies it.
pub(crate) fn draw(sketch: &mut Sketch<'_>, drawing: &Drawing, model: &Model, named: &Named<'_>) {
    let implied: HashSet<Span> =
        model.nodes.iter().flat_map(|node| node.next.iter().map(|arrow| arrow.span)).collect();
    // The position of a loop's text is unique.
    let bounded: HashMap<Span, &Bounded> = model.loops.iter().map(|drawn| (drawn.text.span, drawn)).collect();
    let mut entering = vec![Vec::new(); sketch.figures.len()];
    for (at, arrow) in sketch.arrows.iter().enumerate() {
        entering[arrow.to].push(at);
    }
    for item in items(drawing) {
        let Item::Loop(drawn) = item else { continue };
        let note = format!("↻ {}", drawn.text.text);
        let Some((first, last)) = ends(drawn, named) else { continue };
        if implied.contains(&drawn.text.span) {
            let arrow = way_back(sketch, last, first, note);
            sketch.arrows.push(arrow);
        } else {
            let bounded = bounded.get(&drawn.text.span);
            match bounded.and_then(|bounded| drawn_back(sketch, &entering, bounded)) {
                Some(back) => sketch.arrows[back].label.push(note),
                None => sketch.figures[first].notes.push(note),
            }
        }
    }
}

/// Returns the first and the last node that a loop lists.
fn ends(drawn: &Loop, named: &Named<'_>) -> Option<(usize, usize)> {
    let mut nodes = drawn.nodes.iter().filter_map(|node| named.get(node));
    let first = nodes.next()?;
    Some((first, nodes.next_back().unwrap_or(first)))
}

/// Returns the drawn arrow from a node in the loop to its first node.
fn drawn_back(sketch: &Sketch<'_>, entering: &[Vec<usize>], bounded: &Bounded) -> Option<usize> {
    let NodeIx(head) = bounded.head;
    entering.get(head)?.iter().copied().find(|&at| {
        let arrow = &sketch.arrows[at];
        arrow.stroke == Stroke::Solid && bounded.nodes.binary_search(&NodeIx(arrow.from)).is_ok()
    })
}

fn way_back(sketch: &Sketch<'_>, from: usize, to: usize, note: String) -> Arrow {
    Arrow {
        from,
        to,
        exit: Direction::Bottom,
        entry: Direction::Bottom,
        label: vec![note],
        stroke: Stroke::Solid,
        is_rollback: is_rollback(&sketch.figures, from, to),
    }
}

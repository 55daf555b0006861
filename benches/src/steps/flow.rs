//! A straight flow in `flow!`, with every lane implemented.

use std::fmt::Write as _;

use crate::drawing::{Drawing, LANES, Shape};

pub(crate) fn main(steps: usize) -> String {
    let drawing = Drawing { shape: Shape::Straight, nodes: steps + 2 };
    let lanes: String = (0..LANES).map(|lane| implemented(drawing, lane)).collect();
    let fields: Vec<_> = (0..LANES).map(|lane| format!("lane{lane}: All")).collect();
    format!(
        "mod flow {{\n    flowgen::flow! {{\n{drawing}    }}\n}}\n\nstruct All;\nstruct Cx;\n{lanes}\n\
         fn main() {{\n    let flow = flow::Flow {{ {} }};\n    drop(flow.run(Cx));\n}}\n",
        fields.join(", ")
    )
}

fn implemented(drawing: Drawing, lane: usize) -> String {
    let mut text = format!("\nimpl flow::lane{lane}::Lane{lane}<Cx> for All {{\n");
    for step in drawing.lane(lane).filter(|node| drawing.is_inner(*node)) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "    async fn do_thing_{step}(&self, _: &mut Cx, _: &flowgen::Visit) -> flowgen::Result {{ Ok(()) }}"
        );
    }
    text + "}\n"
}

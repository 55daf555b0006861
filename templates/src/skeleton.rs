//! The crate for any drawing, from `templates/skeleton/`.

use askama::Template;

use crate::{Crate, Error, File, wording};

/// The properties of a drawing that the skeleton needs.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The name of the drawing's file without folder and extension, such as `order_saga`.
    pub name: String,
    /// The drawing.
    pub drawing: String,
    /// Its lanes, in the order of the flow's fields.
    pub lanes: Vec<Lane>,
    /// The variant of `Start` that the generated code uses, if the drawing has several starts.
    pub start: Option<String>,
    /// The drawing has forks, so contexts have to be copied for branches.
    pub forks: bool,
}

/// A lane.
#[derive(Clone, Debug)]
pub struct Lane {
    /// The label, as drawn.
    pub label: String,
    /// Its module, such as `order_service`.
    pub module: String,
    /// Its trait, such as `OrderService`.
    pub type_name: String,
    /// The methods to implement, in the order drawn.
    pub steps: Vec<Step>,
}

/// A method to implement.
#[derive(Clone, Debug)]
pub struct Step {
    /// The id, as drawn.
    pub id: String,
    /// The label, as drawn.
    pub label: String,
    /// The name of the method, such as `create_order`.
    pub method: String,
    /// The kind of step.
    pub role: Role,
}

/// The kind of a step.
#[derive(Clone, Debug)]
pub enum Role {
    /// A step.
    Step {
        /// It has a compensation, so it returns whether it was done.
        compensable: bool,
    },
    /// A decision.
    Decision {
        /// The enum of its outcomes, such as `OrderCreated`.
        answers: String,
        /// The variants of that enum, in the order drawn.
        outcomes: Vec<String>,
    },
    /// A compensation.
    Compensation,
}

/// The widths that rustfmt allows for a line, a struct on one line, and the elements of an array.
const LINE: usize = 100;
const STRUCT: usize = 18;
const ARRAY: usize = 60;

/// The indentation of the contents of an item.
const INDENT: usize = 4;

/// The parameters of methods.
const ACTS: [&str; 3] = ["&self", "_cx: &mut crate::Context", "_visit: &flowgen::Visit"];
const DECIDES: [&str; 3] = ["&self", "_cx: &crate::Context", "_visit: &flowgen::Visit"];

/// Returns the files of a crate for any drawing. The body of each method names the work that is left.
///
/// # Errors
///
/// If a template can't be rendered; no input is known to cause that.
pub fn skeleton(new: &Crate<'_>, outline: &Outline) -> Result<Vec<File>, Error> {
    let mut files = vec![
        File::new("Cargo.toml", Manifest { new }.render()?),
        File::new("README.md", Readme { new, outline }.render()?),
        File::new(".gitignore", "/target"),
        File { path: outline.path(), contents: outline.drawing.clone() },
        File::new("src/lib.rs", Lib { outline }.render()?),
        File::new("src/main.rs", Main { new, outline }.render()?),
        File::new("src/lanes/mod.rs", Lanes { outline }.render()?),
        File::new("tests/flow.rs", Test { new, outline }.render()?),
    ];
    for lane in &outline.lanes {
        files.push(File::new(lane.path(), LaneFile { lane }.render()?));
    }
    Ok(files)
}

#[derive(Template)]
#[template(path = "skeleton/Cargo.toml.askama", escape = "none")]
struct Manifest<'a> {
    new: &'a Crate<'a>,
}

#[derive(Template)]
#[template(path = "skeleton/README.md.askama", escape = "none")]
struct Readme<'a> {
    new: &'a Crate<'a>,
    outline: &'a Outline,
}

#[derive(Template)]
#[template(path = "skeleton/src/lib.rs.askama", escape = "none")]
struct Lib<'a> {
    outline: &'a Outline,
}

#[derive(Template)]
#[template(path = "skeleton/src/main.rs.askama", escape = "none")]
struct Main<'a> {
    new: &'a Crate<'a>,
    outline: &'a Outline,
}

#[derive(Template)]
#[template(path = "skeleton/src/lanes/mod.rs.askama", escape = "none")]
struct Lanes<'a> {
    outline: &'a Outline,
}

#[derive(Template)]
#[template(path = "skeleton/src/lanes/lane.rs.askama", escape = "none")]
struct LaneFile<'a> {
    lane: &'a Lane,
}

#[derive(Template)]
#[template(path = "skeleton/tests/flow.rs.askama", escape = "none")]
struct Test<'a> {
    new: &'a Crate<'a>,
    outline: &'a Outline,
}

impl Outline {
    /// Returns the path of the drawing in the new crate.
    fn path(&self) -> String {
        format!("flow/{}.fz", portable(&self.name))
    }

    /// Returns the type of the flow with its lanes.
    fn flow_type(&self) -> String {
        let lanes: Vec<String> = self.lanes.iter().map(Lane::service).collect();
        let on_one_line = format!("drawing::Flow<{}>;", lanes.join(", "));
        match lanes[..] {
            [] => " drawing::Flow;".to_owned(),
            _ if "pub type Flow = ".len() + on_one_line.len() <= LINE => format!(" {on_one_line}"),
            _ if INDENT + on_one_line.len() <= LINE => format!("\n    {on_one_line}"),
            _ => format!(" drawing::Flow<\n    {},\n>;", lanes.join(",\n    ")),
        }
    }

    /// Returns the fields of the flow, in braces.
    fn flow_fields(&self) -> String {
        let field = |lane: &Lane| format!("{}: {}", lane.module, lane.service());
        let fields: Vec<String> = self.lanes.iter().map(field).collect();
        let on_one_line = fields.join(", ");
        match fields[..] {
            [] => "{}".to_owned(),
            _ if on_one_line.len() <= STRUCT => format!("{{ {on_one_line} }}"),
            _ => format!("{{\n        {},\n    }}", fields.join(",\n        ")),
        }
    }

    /// Returns the lanes in the order in which rustfmt sorts their modules.
    fn modules(&self) -> Vec<&Lane> {
        let mut modules: Vec<&Lane> = self.lanes.iter().collect();
        modules.sort_unstable_by(|one, other| one.module.cmp(&other.module));
        modules
    }

    fn fence(&self) -> String {
        wording::fence(&self.drawing)
    }
}

impl Lane {
    /// Returns the name of the type that serves the lane.
    fn service(&self) -> String {
        format!("lanes::{}::{}", self.module, self.type_name)
    }

    fn path(&self) -> String {
        format!("src/lanes/{}", self.file())
    }

    fn file(&self) -> String {
        format!("{}.rs", portable(&self.module))
    }

    /// Returns whether the file has another name than rustc expects.
    fn has_other_file(&self) -> bool {
        portable(&self.module) != self.module
    }

    fn label_code(&self) -> String {
        wording::code(&self.label)
    }

    fn forward(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| !matches!(step.role, Role::Compensation))
    }

    fn compensations(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| matches!(step.role, Role::Compensation))
    }

    fn has_compensations(&self) -> bool {
        self.compensations().next().is_some()
    }
}

impl Step {
    fn label_code(&self) -> String {
        wording::code(&self.label)
    }

    /// Returns the signature of the method.
    fn signature(&self) -> String {
        let (takes, says) = match &self.role {
            Role::Step { compensable: true } => (&ACTS, "flowgen::Result<flowgen::Effect>".to_owned()),
            Role::Step { compensable: false } | Role::Compensation => (&ACTS, "flowgen::Result".to_owned()),
            Role::Decision { answers, .. } => (&DECIDES, format!("flowgen::Result<drawn::{answers}>")),
        };
        let name = &self.method;
        let on_one_line = format!("async fn {name}({}) -> {says} {{", takes.join(", "));
        if INDENT + on_one_line.len() <= LINE {
            return on_one_line;
        }
        format!("async fn {name}(\n        {},\n    ) -> {says} {{", takes.join(",\n        "))
    }

    /// Returns an array of all outcomes of a decision; `None` for other steps.
    fn outcomes(&self) -> Option<String> {
        let Role::Decision { answers, outcomes } = &self.role else { return None };
        let outcomes: Vec<String> =
            outcomes.iter().map(|outcome| format!("drawn::{answers}::{outcome}")).collect();
        let on_one_line = outcomes.join(", ");
        if on_one_line.len() <= ARRAY {
            return Some(format!("[{on_one_line}]"));
        }
        Some(format!("[\n            {},\n        ]", outcomes.join(",\n            ")))
    }

    /// Returns the message of the body until it is implemented.
    fn unwritten(&self, lane: &Lane) -> String {
        let Self { label, id, method, .. } = self;
        wording::literal(&format!("`{label}` ({id}) is not written yet: `{method}` in {}", lane.path()))
    }
}

/// Returns a file name that is valid on every system. Windows reserves some names for devices, with any extension.
fn portable(name: &str) -> String {
    let (stem, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
    let lower = stem.to_ascii_lowercase();
    let is_numbered = |device: &str| {
        lower.strip_prefix(device).is_some_and(|number| number.parse::<u8>().is_ok_and(|number| number < 10))
    };
    let is_device =
        matches!(lower.as_str(), "aux" | "con" | "nul" | "prn") || is_numbered("com") || is_numbered("lpt");
    if is_device { format!("{stem}_{rest}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::portable;

    #[test]
    fn names_of_devices_are_no_names_of_files() {
        for (name, file) in [
            ("con", "con_"),
            ("COM1", "COM1_"),
            ("nul.old", "nul_.old"),
            ("lpt10", "lpt10"),
            ("console", "console"),
        ] {
            assert_eq!(portable(name), file);
        }
    }
}

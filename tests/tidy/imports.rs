//! Circles of imports, between files and between folders. A path that is written in a file, in a `use` or
//! elsewhere, is an import of the file that defines what it names: re-exports are followed, and are no
//! imports themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::parts::{Part, all};

/// The folders that still have circles, each the deepest one around all members of a circle; with a `/` at its end, all
/// folders below it, too. The list only gets shorter.
const KNOWN: &[&str] = &[
    "cli/src/command",
    "cli/src/report",
    "engines/sqlite/src/engine",
    "engines/sqlite/src/store",
    "engines/temporal/src",
    "examples/ab-test/",
    "examples/api-gateway/",
    "examples/blue-green/",
    "examples/circuit-breaker/",
    "examples/cqrs/",
    "examples/rollback/",
    "examples/saga/",
    "picture/src",
    "src",
    "src/run",
    "src/runner",
];

#[test]
fn imports_make_no_circles() {
    let mut circles = BTreeMap::new();
    for source in crate_sources() {
        let files = Files::read(&source);
        for circle in files.circles_of_files().into_iter().chain(files.circles_of_folders()) {
            circles.entry(common_folder(&circle)).or_insert(circle);
        }
    }
    let covers =
        |known: &str, folder: &str| known == folder || known.ends_with('/') && folder.starts_with(known);
    let is_known = |folder: &str| KNOWN.iter().any(|known| covers(known, folder));
    let new: Vec<_> = circles.iter().filter(|(folder, _)| !is_known(folder)).collect();
    assert!(new.is_empty(), "new circles; break them: {new:#?}");
    let is_gone = |known: &str| !circles.keys().any(|folder| covers(known, folder));
    let gone: Vec<_> = KNOWN.iter().filter(|known| is_gone(known)).collect();
    assert!(gone.is_empty(), "folders without circles; take them off the list: {gone:#?}");
}

/// The deepest folder around all members of a circle.
fn common_folder(circle: &[String]) -> String {
    let parts =
        |member: &String| member.trim_end_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let mut common = circle.first().map(parts).unwrap_or_default();
    common.pop();
    while !circle.iter().all(|member| parts(member)[..].starts_with(&common)) {
        common.pop();
    }
    common.join("/")
}

/// The layers of codegen, lowest first. Those of one line do not import each other.
#[test]
fn the_layers_of_codegen_import_lower_ones_only() {
    const LAYERS: &[&[&str]] = &[
        &["source", "suggest", "graph"],
        &["syntax"],
        &["model"],
        &["analysis"],
        &["finding"],
        &["rules"],
        &["analyze", "levels", "render", "fix"],
        &["settings"],
        &["emit"],
        &["expand"],
        &["format"],
    ];
    let files = Files::read(&checkout().join("codegen/src"));
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let mut count = 0;
    for (from, to) in files.imports() {
        let (Some(from_module), Some(to_module)) = (from.first(), to.first()) else { continue };
        assert!(layer(from_module).is_some(), "`{from_module}` is in no layer");
        if from_module != to_module {
            count += 1;
            let is_lower = layer(to_module) < layer(from_module);
            assert!(is_lower, "{} imports {}", from.join("::"), to.join("::"));
        }
    }
    assert!(count > 100, "{count} imports are not all");
}

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folders `src` of all packages.
fn crate_sources() -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for parent in ["", "engines", "examples"] {
        for entry in fs::read_dir(checkout().join(parent)).unwrap() {
            sources.push(entry.unwrap().path().join("src"));
        }
    }
    sources.push(checkout().join("src"));
    // Not members of the workspace.
    let others = ["benches", "fuzz", "target"].map(|folder| checkout().join(folder).join("src"));
    sources.retain(|source| source.is_dir() && !others.contains(source));
    sources.sort();
    assert!(sources.len() > 10, "{sources:?}");
    sources
}

/// A module, as its path from the root of the crate. It has a file of its own.
type Module = Vec<String>;

/// The modules of a crate.
struct Files {
    /// The crate, as the path of its folder `src`.
    root: String,
    files: BTreeMap<Module, File>,
}

struct File {
    /// Below `src`.
    name: String,
    text: String,
    /// Imports and re-exports.
    uses: Vec<Use>,
    /// Paths outside of imports.
    paths: Vec<Vec<String>>,
    /// Words outside of paths and of `use` and `mod` items.
    body: BTreeSet<String>,
}

struct Use {
    path: Vec<String>,
    /// In the module that imports it; `*` for globs.
    name: String,
    is_export: bool,
}

impl Files {
    fn read(source: &Path) -> Self {
        let root = source.strip_prefix(checkout()).unwrap().display().to_string();
        let mut files = Self { root, files: BTreeMap::new() };
        files.collect(source, source);
        files
    }

    fn collect(&mut self, source: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.collect(source, &path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(source).unwrap().display().to_string();
                let mut module: Module = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
                let is_root = module.last().is_some_and(|last| last == "mod");
                if is_root || ["lib.rs", "main.rs"].contains(&name.as_str()) {
                    module.pop();
                }
                // Test modules import everything that they test.
                if module.last().is_some_and(|last| last == "tests") {
                    continue;
                }
                let file = File::parse(name, &fs::read_to_string(&path).unwrap());
                // A package with a program beside its library: the program is no module of it.
                if file.name != "main.rs" || !self.files.contains_key(&module) {
                    self.files.insert(module, file);
                }
            }
        }
    }

    /// All imports of one file by another.
    fn imports(&self) -> BTreeSet<(Module, Module)> {
        let mut imports = BTreeSet::new();
        for (module, file) in &self.files {
            let private =
                file.uses.iter().filter(|import| !import.is_export || file.body.contains(&import.name));
            for path in private.map(|import| &import.path).chain(&file.paths) {
                let to = self.absolute(module, path).and_then(|path| self.definition(&path, 0));
                imports.extend(to.filter(|to| to != module).map(|to| (module.clone(), to)));
            }
        }
        imports
    }

    /// A path from the root of the crate. `None` for paths to other crates.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let mut at = module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                at.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|first| first == "super") {
                    at.pop()?;
                    rest = &rest[1..];
                }
            }
            // A child module, or another crate.
            child => {
                let mut path = at.clone();
                path.push(child.to_owned());
                if !self.files.contains_key(&path) {
                    return None;
                }
            }
        }
        at.extend(rest.iter().cloned());
        Some(at)
    }

    /// The module whose file defines what a path names.
    fn definition(&self, path: &[String], depth: usize) -> Option<Module> {
        let length = (0..=path.len()).rev().find(|&length| self.files.contains_key(&path[..length]))?;
        let (module, rest) = path.split_at(length);
        let module = module.to_vec();
        let Some(name) = rest.first() else { return Some(module) };
        let file = &self.files[&module];
        if depth > 9 || file.defines(name) {
            return Some(module);
        }
        for import in file.uses.iter().filter(|import| import.name == *name || import.name == "*") {
            let Some(mut target) = self.absolute(&module, &import.path) else { continue };
            if import.name == "*" {
                target.push(name.clone());
            }
            let found = self.definition(&target, depth + 1);
            let is_there = |found: &Module| import.name != "*" || self.files[found].defines(name);
            if let Some(found) = found.filter(is_there) {
                return Some(found);
            }
        }
        Some(module)
    }

    fn circles_of_files(&self) -> Vec<Vec<String>> {
        let name = |module: &Module| format!("{}/{}", self.root, self.files[module].name);
        circles(&self.imports().iter().map(|(from, to)| (name(from), name(to))).collect())
    }

    /// For each folder: circles between its files and folders, without its own `mod.rs`.
    fn circles_of_folders(&self) -> Vec<Vec<String>> {
        let folders: BTreeSet<&[String]> = self
            .files
            .keys()
            .filter(|module| !module.is_empty())
            .map(|module| &module[..module.len() - 1])
            .collect();
        let imports = self.imports();
        let mut found = Vec::new();
        for folder in folders {
            let member = |module: &Module| {
                let name = module.strip_prefix(folder)?.first()?;
                let path =
                    [std::slice::from_ref(&self.root), folder, &[name.clone(), String::new()]].concat();
                Some(path.join("/"))
            };
            let edges = imports.iter().filter_map(|(from, to)| Some((member(from)?, member(to)?)));
            found.extend(circles(&edges.filter(|(from, to)| from != to).collect()));
        }
        found
    }
}

impl File {
    fn parse(name: String, text: &str) -> Self {
        let text = text.split("\nmod tests {").next().unwrap_or_default();
        let text = all(Part::Code, text);
        let (mut uses, mut paths, mut body) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut rest = text.as_str();
        let mut before = ' ';
        while let Some(c) = rest.chars().next() {
            let is_start =
                c.is_alphabetic() && !before.is_alphanumeric() && !matches!(before, '_' | ':' | '.');
            let word = &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())];
            if is_start && word == "use" {
                let statement = rest.split(';').next().unwrap_or_default();
                let line = text[..text.len() - rest.len()].rsplit('\n').next().unwrap_or_default();
                let is_export = line.trim_start().starts_with("pub");
                expand(&statement["use".len()..], &[], &mut |path, name| {
                    uses.push(Use { path, name, is_export });
                });
                rest = &rest[statement.len()..];
                before = ' ';
            } else if is_start && rest[word.len()..].starts_with("::") {
                let length = rest
                    .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':'))
                    .unwrap_or(rest.len());
                let path = rest[..length].split("::").filter(|part| !part.is_empty()).map(str::to_owned);
                paths.push(path.collect());
                rest = &rest[length..];
                before = ' ';
            } else if is_start {
                let is_module = rest[..word.len()] == *"mod";
                let length = if is_module { rest.find([';', '{']).unwrap_or(rest.len()) } else { word.len() };
                if !is_module {
                    body.insert(word.to_owned());
                }
                rest = &rest[length..];
                before = ' ';
            } else {
                rest = &rest[c.len_utf8()..];
                before = c;
            }
        }
        Self { name, text, uses, paths, body }
    }

    fn defines(&self, name: &str) -> bool {
        let keywords = ["struct", "enum", "fn", "const", "static", "trait", "type", "union", "macro_rules!"];
        let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        keywords.iter().any(|keyword| {
            let definition = format!("{keyword} {name}");
            self.text.match_indices(&definition).any(|(at, _)| is_end(&self.text[at + definition.len()..]))
        })
    }
}

/// Calls `found` with each path of a tree such as `crate::{a::B, c::{self, D as E}}`, and the name that it
/// gets.
fn expand(tree: &str, before: &[String], found: &mut impl FnMut(Vec<String>, String)) {
    let tree = tree.trim();
    if let Some(list) = tree.strip_prefix('{').and_then(|tree| tree.strip_suffix('}')) {
        let mut depth = 0;
        let is_separator = |c: char| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && depth == 0
        };
        for part in list.split(is_separator).filter(|part| !part.trim().is_empty()) {
            expand(part, before, found);
        }
        return;
    }
    let mut path = before.to_vec();
    let head = tree.split("::").next().unwrap_or_default();
    if head.len() < tree.len() {
        path.push(head.trim().to_owned());
        expand(&tree[head.len() + 2..], &path, found);
        return;
    }
    let (last, name) = tree.split_once(" as ").unwrap_or((tree, tree));
    let last = last.trim();
    let name =
        if last == "self" { before.last().cloned().unwrap_or_default() } else { name.trim().to_owned() };
    if !matches!(last, "self" | "*") {
        path.push(last.to_owned());
    }
    found(path, name);
}

/// The strongly connected components with more than one member, each as its members.
fn circles(edges: &BTreeSet<(String, String)>) -> Vec<Vec<String>> {
    let nodes: BTreeSet<&String> = edges.iter().flat_map(|(from, to)| [from, to]).collect();
    let reachable = |from: &String| {
        let mut seen: BTreeSet<&String> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for (_, to) in edges.iter().filter(|(from, _)| from == node) {
                if seen.insert(to) {
                    open.push(to);
                }
            }
        }
        seen
    };
    let reachable: BTreeMap<_, _> = nodes.iter().map(|&node| (node, reachable(node))).collect();
    let is_in_circle = |node: &&&String| reachable[**node].contains(**node);
    let mut found = BTreeSet::new();
    for &node in nodes.iter().filter(is_in_circle) {
        let members =
            nodes.iter().filter(|&&other| reachable[node].contains(other) && reachable[other].contains(node));
        found.insert(members.map(|&member| member.clone()).collect::<Vec<_>>());
    }
    found.into_iter().filter(|circle| circle.len() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_expanded() {
        let mut found = Vec::new();
        expand(" crate::{a::B, c::{self, D as E}, f::*}", &[], &mut |path, name| {
            found.push(format!("{} {name}", path.join("::")));
        });
        assert_eq!(found, ["crate::a::B B", "crate::c c", "crate::c::D E", "crate::f *"]);
    }

    #[test]
    fn circles_are_found() {
        let edges = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")];
        let edges = edges.iter().map(|&(from, to)| (from.to_owned(), to.to_owned())).collect();
        assert_eq!(circles(&edges), [["b", "c"]]);
    }
}

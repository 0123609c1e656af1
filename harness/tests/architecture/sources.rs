//! The files of a package with what each names of the others, read token by token: grouped imports, paths inside
//! macros and re-exports count; comments, strings and test modules do not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path of Rust: `["crate", "stats", "pairs", "Pair"]`.
pub(crate) type RustPath = Vec<String>;

/// One source file, which is one module.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// Relative to the project.
    pub(crate) file: PathBuf,
    /// Paths that its code names, each with the module that it is named in.
    named: Vec<(RustPath, RustPath)>,
    /// What `use` brings in: name to path.
    imported: BTreeMap<String, RustPath>,
}

/// The files of a package by module path; the crate root is the empty path.
#[derive(Debug)]
pub(crate) struct Package {
    /// As other packages name it, such as `bench_record`.
    pub(crate) name: String,
    modules: BTreeMap<RustPath, Source>,
}

/// An arrow: the file uses something of the other.
pub(crate) type Arrow = (PathBuf, PathBuf);

impl Package {
    pub(crate) fn read(project: &Path, name: &str, src: &str) -> Self {
        let mut modules = BTreeMap::new();
        read_directory(project, &project.join(src), &mut Vec::new(), &mut modules);
        Self { name: name.to_owned(), modules }
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.modules.values().map(|source| source.file.as_path())
    }

    /// Arrows between its files.
    pub(crate) fn arrows(&self) -> BTreeSet<Arrow> {
        let mut arrows = BTreeSet::new();
        for source in self.modules.values() {
            for (module, path) in &source.named {
                if let Some(used) = self.absolute(module, path).and_then(|path| self.defined(&path))
                    && used.file != source.file
                {
                    arrows.insert((source.file.clone(), used.file.clone()));
                }
            }
        }
        arrows
    }

    /// The rooms whose code names the package `other`.
    pub(crate) fn users_of(&self, other: &str) -> BTreeSet<&Path> {
        let names = |source: &&Source| {
            let paths = source.named.iter().map(|(_, path)| path);
            let mut paths = paths.chain(source.imported.values());
            paths.any(|path| path.first().is_some_and(|first| first == other))
        };
        self.modules.values().filter(names).map(|source| source.file.as_path()).collect()
    }

    /// The path from the crate root; `None` for one that leads out of the package.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<RustPath> {
        let first = path.first()?;
        let mut whole = module.to_vec();
        match first.as_str() {
            "crate" => whole.clear(),
            "self" => {}
            "super" => {
                whole.pop();
                let mut rest = &path[1..];
                while rest.first().is_some_and(|part| part == "super") {
                    whole.pop();
                    rest = &rest[1..];
                }
                whole.extend(rest.iter().cloned());
                return Some(whole);
            }
            name => {
                whole.push(name.to_owned());
                let known = self.modules.contains_key(&whole)
                    || self.modules.get(module).is_some_and(|m| m.imported.contains_key(name));
                if !known {
                    return None;
                }
            }
        }
        whole.extend(path[1..].iter().cloned());
        Some(whole)
    }

    /// The file that defines what an absolute path names, through imports and re-exports; `None` for a module as a
    /// whole, of which nothing is used yet.
    fn defined(&self, path: &[String]) -> Option<&Source> {
        self.defined_within(path, 0)
    }

    fn defined_within(&self, path: &[String], steps: usize) -> Option<&Source> {
        // Imports that go round in circles would not compile.
        if steps > 20 {
            return None;
        }
        let depth = (0..=path.len()).rev().find(|n| self.modules.contains_key(&path[..*n]))?;
        let source = &self.modules[&path[..depth]];
        let item = path.get(depth)?;
        let Some(import) = source.imported.get(item) else { return Some(source) };
        let mut target = self.absolute(&path[..depth], import)?;
        if target == path {
            return Some(source);
        }
        target.extend(path[depth + 1..].iter().cloned());
        self.defined_within(&target, steps + 1)
    }
}

fn read_directory(
    project: &Path,
    directory: &Path,
    module: &mut RustPath,
    modules: &mut BTreeMap<RustPath, Source>,
) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            module.push(name);
            read_directory(project, &path, module, modules);
            module.pop();
        } else if path.extension().is_some_and(|end| end == "rs") && name != "main" {
            let mut of_file = module.clone();
            if !matches!(name.as_str(), "mod" | "lib") {
                of_file.push(name);
            }
            let source = read_file(project, &path, &of_file);
            modules.insert(of_file, source);
        }
    }
}

fn read_file(project: &Path, path: &Path, module: &RustPath) -> Source {
    let text = std::fs::read_to_string(path).unwrap();
    let tokens: TokenStream =
        text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = path.strip_prefix(project).unwrap().to_owned();
    let mut reader = Reader {
        source: Source { file, ..Source::default() },
        index: matches!(path.file_stem().unwrap().to_str(), Some("mod" | "lib")),
    };
    reader.read(&tokens.into_iter().collect::<Vec<_>>(), module);
    reader.source
}

struct Reader {
    source: Source,
    /// Whether the file is the index of a directory: its re-exports are names for others, no uses of its own.
    index: bool,
}

impl Reader {
    fn read(&mut self, tokens: &[TokenTree], module: &RustPath) {
        let mut at = 0;
        while at < tokens.len() {
            match word(tokens, at).as_deref() {
                Some("mod") if is_block(tokens, at + 2) => {
                    let name = word(tokens, at + 1).unwrap_or_default();
                    if let Some(TokenTree::Group(body)) = tokens.get(at + 2)
                        && name != "tests"
                    {
                        let inner: Vec<_> = body.stream().into_iter().collect();
                        let module = [module.as_slice(), &[name]].concat();
                        self.read(&inner, &module);
                    }
                    at += 3;
                }
                Some("use") => {
                    let length = tokens[at..].iter().take_while(|t| !is_punct(t, ';')).count();
                    let public = at.checked_sub(1).is_some_and(|before| {
                        matches!(&tokens[before], TokenTree::Ident(word) if word == "pub")
                            || matches!(&tokens[before], TokenTree::Group(_))
                                && word(tokens, before.wrapping_sub(1)).as_deref() == Some("pub")
                    });
                    let mut leaves = Vec::new();
                    use_tree(&tokens[at + 1..at + length], &Vec::new(), &mut leaves);
                    for (name, path) in leaves {
                        if !(public && self.index) {
                            self.source.named.push((module.clone(), path.clone()));
                        }
                        self.source.imported.insert(name, path);
                    }
                    at += length;
                }
                Some(first) if is_path_separator(tokens, at + 1) => {
                    let mut path = vec![first.to_owned()];
                    at += 1;
                    while is_path_separator(tokens, at) {
                        let Some(next) = word(tokens, at + 2) else { break };
                        path.push(next);
                        at += 3;
                    }
                    self.source.named.push((module.clone(), path));
                }
                _ => {
                    if let TokenTree::Group(group) = &tokens[at] {
                        let inner: Vec<_> = group.stream().into_iter().collect();
                        self.read(&inner, module);
                    }
                    at += 1;
                }
            }
        }
    }
}

/// The leaves of a `use` tree: the name that each brings in, and its path.
fn use_tree(tokens: &[TokenTree], before: &RustPath, leaves: &mut Vec<(String, RustPath)>) {
    let mut path = before.clone();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(ident) if ident == "as" => {
                let name = word(tokens, at + 1).unwrap_or_default();
                leaves.push((name, path));
                return;
            }
            TokenTree::Ident(ident) => path.push(ident.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                for branch in inner.split(|token| is_punct(token, ',')) {
                    use_tree(branch, &path, leaves);
                }
                return;
            }
            TokenTree::Punct(punct) if punct.as_char() == '*' => path.push("*".to_owned()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
    // `a::b::{self}` names `b`.
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if let Some(name) =
        path.last().cloned().filter(|_| path.len() > before.len() || !before.is_empty())
    {
        leaves.push((name, path));
    }
}

fn word(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    [at, at + 1].iter().all(|at| tokens.get(*at).is_some_and(|token| is_punct(token, ':')))
}

fn is_block(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}

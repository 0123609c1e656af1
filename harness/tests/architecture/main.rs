//! `ARCHITECTURE.md` is true: rooms and arrows are derived from the sources and compared with its tables, and no
//! two files use each other, directly or around.

mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sources::{Arrow, Package};

/// Package, as Rust names it, and its sources.
const PACKAGES: [(&str, &str); 4] = [
    ("bench", "harness/src"),
    ("bench_record", "harness/record/src"),
    ("bench_reports", "reports/src"),
    ("bench_history", "reports/history/src"),
];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness lies in the project")
}

/// The room of a file: the first directory or file beneath the package's sources.
fn room(src: &str, file: &Path) -> String {
    let inside = file.strip_prefix(src).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Groups of files that use each other, directly or around.
fn circles(arrows: &BTreeSet<Arrow>) -> Vec<Vec<&Path>> {
    let mut next: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for (from, to) in arrows {
        next.entry(from).or_default().push(to);
    }
    let reach = |start: &Path| -> BTreeSet<&Path> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Path> = next.get(start).cloned().unwrap_or_default();
        while let Some(file) = open.pop() {
            if seen.insert(file) {
                open.extend(next.get(file).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&Path, BTreeSet<&Path>> =
        next.keys().map(|file| (*file, reach(file))).collect();
    let mut found: BTreeSet<Vec<&Path>> = BTreeSet::new();
    for (file, of_file) in &reached {
        if of_file.contains(file) {
            let both = |other: &&&Path| reached.get(**other).is_some_and(|o| o.contains(file));
            found.insert(of_file.iter().filter(both).copied().collect());
        }
    }
    found.into_iter().collect()
}

#[test]
fn no_two_files_use_each_other_directly_or_around() {
    let mut shown = String::new();
    for (name, src) in PACKAGES {
        let arrows = Package::read(project(), name, src).arrows();
        for circle in circles(&arrows) {
            shown.push_str("\ncircle:\n");
            let within = |(from, to): &&Arrow| {
                circle.contains(&from.as_path()) && circle.contains(&to.as_path())
            };
            for (from, to) in arrows.iter().filter(within) {
                let _ = writeln!(shown, "  {} -> {}", from.display(), to.display());
            }
        }
    }
    assert!(shown.is_empty(), "{shown}");
}

/// What a table of `ARCHITECTURE.md` says of each room: the rooms and packages that it uses.
fn documented(page: &str, heading: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (_, rest) = page.split_once(heading).unwrap_or_else(|| panic!("no `{heading}`"));
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let names = |cell: &str| -> Vec<String> {
            cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let uses = names(cells.last().unwrap());
        (names(cells[0]).remove(0), uses.into_iter().collect())
    })
    .collect()
}

/// The same, from the sources.
fn derived(package: &Package, src: &str) -> BTreeMap<String, BTreeSet<String>> {
    let index = |room: &str| matches!(room, "lib" | "main");
    let mut rooms: BTreeMap<String, BTreeSet<String>> = package
        .files()
        .map(|file| (room(src, file), BTreeSet::new()))
        .filter(|(room, _)| !index(room))
        .collect();
    for (from, to) in package.arrows() {
        let (from, to) = (room(src, &from), room(src, &to));
        if from != to && !index(&from) {
            rooms.get_mut(&from).unwrap().insert(to);
        }
    }
    for (other, _) in PACKAGES.iter().filter(|(name, _)| *name != package.name) {
        for file in package.users_of(other) {
            if let Some(uses) = rooms.get_mut(&room(src, file)) {
                uses.insert(other.replace('_', "-"));
            }
        }
    }
    rooms
}

#[test]
fn the_map_shows_the_rooms_and_arrows_that_the_sources_have() {
    let page = std::fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    let mut wrong = String::new();
    for (name, src) in [PACKAGES[0], PACKAGES[2]] {
        let package = Package::read(project(), name, src);
        let heading = format!("## Rooms of `{src}`");
        let (drawn, real) = (documented(&page, &heading), derived(&package, src));
        for room in drawn.keys().chain(real.keys()).collect::<BTreeSet<_>>() {
            if drawn.get(room) != real.get(room) {
                let (drawn, real) = (drawn.get(room), real.get(room));
                let _ =
                    writeln!(wrong, "{src}: `{room}`\n  page:    {drawn:?}\n  sources: {real:?}");
            }
        }
    }
    assert!(wrong.is_empty(), "ARCHITECTURE.md is not true:\n{wrong}");
}

#[test]
fn rooms_do_not_use_each_other_directly_or_around() {
    for (name, src) in PACKAGES {
        let rooms = derived(&Package::read(project(), name, src), src);
        let arrows: BTreeSet<Arrow> = rooms
            .iter()
            .flat_map(|(from, uses)| {
                uses.iter().map(move |to| (PathBuf::from(from), PathBuf::from(to)))
            })
            .collect();
        let found = circles(&arrows);
        assert!(found.is_empty(), "{src}: rooms in a circle: {found:?}");
    }
}

/// Every path that the page names exists.
#[test]
fn the_files_that_the_map_names_are_there() {
    let page = std::fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    let mut named = 0;
    for word in page.split('`').skip(1).step_by(2) {
        let roots = ["harness/", "reports/", "docs/", "scripts/", "scenarios/"];
        let is_path = roots.iter().any(|root| word.starts_with(root)) && !word.contains([' ', '*']);
        if is_path {
            named += 1;
            assert!(project().join(word).exists(), "`{word}` is not there");
        }
    }
    assert!(named > 10, "only {named} paths were found");
}

/// Source files of the product that name a word, in code, data or by their own name.
fn files_naming(word: &str) -> BTreeSet<PathBuf> {
    fn visit(directory: &Path, word: &str, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, word, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let named = product.match_indices(word).any(|(at, _)| {
                let letter = |c: char| c.is_alphanumeric() || c == '_';
                let before = product[..at].chars().next_back();
                let after = product[at + word.len()..].chars().next();
                !before.is_some_and(letter) && !after.is_some_and(letter)
            });
            if named || path.file_stem().is_some_and(|stem| stem == word) {
                found.insert(path.strip_prefix(project()).unwrap().to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    for src in ["harness/src", "harness/record/src", "reports/src"] {
        visit(&project().join(src), word, &mut found);
    }
    found
}

/// What "To add" says of the member of a row is where the sources have it: no file is missing, and none is too much.
#[test]
fn what_a_change_touches_is_what_the_map_says() {
    let page = std::fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    let (_, rest) = page.split_once("## To add ...").unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let (mut checked, mut wrong) = (0, String::new());
    for row in section.lines().filter(|line| line.starts_with("| a")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let quoted = |cell: &str| -> Vec<String> {
            cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let Some(member) = quoted(cells[1]).into_iter().next() else { continue };
        checked += 1;
        let (touched, perhaps) = (quoted(cells[2]), quoted(cells[3]));
        let naming = files_naming(&member);
        // The member's own file is the "new file" of a row that has one.
        let new = |file: &Path| {
            cells[2].contains("a new file") && file.file_stem().is_some_and(|stem| *stem == *member)
        };
        for file in &naming {
            let named = touched.iter().chain(&perhaps).any(|path| {
                *file == Path::new(path) || (path.ends_with('/') && file.starts_with(path))
            });
            if !named && !new(file) {
                let _ = writeln!(wrong, "`{member}` is in {}, which its row lacks", file.display());
            }
        }
        for path in touched.iter().filter(|path| path.contains('/')) {
            if !naming.iter().any(|file| file.starts_with(path)) {
                let _ = writeln!(wrong, "`{member}` is not in {path}, which its row names");
            }
        }
    }
    assert!(wrong.is_empty(), "ARCHITECTURE.md is not true:\n{wrong}");
    assert!(checked > 10, "only {checked} rows have a member");
}

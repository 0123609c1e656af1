//! The words of this project are plain English. These are the turns of phrase that it had and does not want back.

use std::path::{Path, PathBuf};

use regex::Regex;

/// Nouns that "per" belongs before.
const COUNTED: &str = "arm|block|branch|cache|change|command|entry|example|file|gate|job|key|line|measurement|name|night|\
                       page|param|phase|process|property|push|recipe|regime|request|row|run|sample|scenario|step|tool|\
                       trial|unit|value|variant|node|pair|place|project|test|worker";

/// Words after which "a noun" is not counted: "one line of a file".
const LINKS: [&str; 38] = [
    "after", "and", "as", "at", "before", "but", "by", "for", "from", "gives", "has", "holds",
    "if", "in", "into", "is", "like", "makes", "names", "needs", "not", "of", "on", "or", "per",
    "such", "takes", "than", "that", "through", "to", "under", "until", "was", "when", "where",
    "with", "without",
];

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        // Data, what scripts generate from data, and code of scenarios that is measured.
        let skipped = [
            "data",
            "results",
            "workspace",
            "index.py",
            "snapshots",
            "images",
            "CI_CACHE.md",
            "RESULTS.md",
            "plain_words.rs",
        ];
        if skipped.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The text of a file, with the lines of a comment or of a paragraph in one piece: the number of the first
/// line, and the words.
fn pieces(path: &Path, text: &str) -> Vec<(usize, String)> {
    let markdown = path.extension().is_some_and(|extension| extension == "md");
    let leaders: &[&str] = if markdown { &[""] } else { &["///", "//!", "//", "# "] };
    let mut pieces: Vec<(usize, String)> = Vec::new();
    let mut open = None;
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        let alone = line.is_empty() || markdown && line.starts_with(['#', '|', '`', '-', '*']);
        let found = leaders.iter().find(|leader| line.starts_with(**leader)).filter(|_| !alone);
        let words = found.map_or(line, |leader| line[leader.len()..].trim());
        match pieces.last_mut() {
            Some((_, piece)) if found.is_some() && open == found && !words.is_empty() => {
                piece.push(' ');
                piece.push_str(words);
            }
            _ => pieces.push((number, words.to_owned())),
        }
        open = found.filter(|_| !words.is_empty());
    }
    pieces
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn nothing_is_written_in_the_private_dialect_that_this_project_once_had() {
    let project = project();
    let patterns = [
        // A count, an article and a counted noun: `per` belongs between them.
        (
            format!(
                r"(?i)\b(?:(?:one|two|three)(?: [a-z]+){{0,2}}|once|twice|an? [a-z]+) an? (?:{COUNTED})\b"
            ),
            "write `per`",
        ),
        // Only "there is no" and comparisons such as "is no longer" are English.
        (r"(?i)\b(?:is|are|was|were) no [a-z]+".to_owned(), "write `is not a`"),
    ];
    // "One a sample ran in": the noun belongs to what follows.
    let english = Regex::new(
        r"(?i)there (?:is|are|was|were) no\b|which one a sample|comparison a sample|(?:is|are|was|were) no (?:longer|more|less|faster|slower|better|worse|wider|larger|smaller|newer|older|other|one|need|reason|way|hint|doubt|matter)\b",
    )
    .unwrap();
    let mut found = Vec::new();
    files(&project.join("harness"), &mut found);
    for directory in ["reports", "docs", "scripts", ".github", ".forgejo", "scenarios"] {
        files(&project.join(directory), &mut found);
    }
    found.extend(["README.md", "ARCHITECTURE.md"].map(|page| project.join(page)));
    let patterns = patterns.map(|(pattern, advice)| (Regex::new(&pattern).unwrap(), advice));
    let mut wrong = Vec::new();
    for file in &found {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        for (number, piece) in pieces(file, &text) {
            let piece = english.replace_all(&piece, "");
            for (pattern, advice) in &patterns {
                let words = pattern.find_iter(&piece).find(|words| {
                    !words.as_str().split(' ').skip(1).any(|word| LINKS.contains(&word))
                });
                if let Some(words) = words {
                    let file = file.strip_prefix(project).unwrap().display();
                    wrong.push(format!("{file}:{number}: `{}`: {advice}", words.as_str()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn names_that_have_to_be_decoded_do_not_return() {
    let project = project();
    let names = Regex::new(r"\b(?:told|lab|arrive|hand_over)\b").unwrap();
    let not_code = Regex::new(r#"//.*|"[^"]*"?"#).unwrap();
    let mut found = Vec::new();
    files(&project.join("harness/src"), &mut found);
    files(&project.join("reports/src"), &mut found);
    let mut wrong = Vec::new();
    for file in found.iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(name) = names.find(&not_code.replace_all(line, "")) {
                let file = file.strip_prefix(project).unwrap().display();
                wrong.push(format!("{file}:{number}: `{}`", name.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
}

//! The words of this project are plain English. These are the turns of phrase that it had and does not want back.

use std::path::{Path, PathBuf};

use regex::Regex;

/// Nouns that "per" belongs before.
const COUNTED: &str = "arm|block|branch|cache|change|command|entry|example|file|gate|job|key|line|measurement|name|night|\
                       page|param|phase|process|property|push|recipe|regime|request|row|run|sample|scenario|step|tool|\
                       trial|unit|value|variant";

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        // Data, what scripts generate from data, and code of scenarios that is measured.
        let skipped = [
            "data",
            "results",
            "workspace",
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

#[test]
fn nothing_is_written_in_the_private_dialect_that_this_project_once_had() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let patterns = [
        // "one row a property", "a line a trial", "once a block": per.
        (format!(r"\b(?:one|two|three|once|twice|an? \w+) an? (?:{COUNTED})\b"), "write `per`"),
        // "`x` is no glob": is not a valid glob. "There is no cache" and "is no longer" are English.
        (r"\b(?:is|are) no [a-z]+".to_owned(), "write `is not a`"),
    ];
    // "One a sample ran in": the noun belongs to what follows.
    let english = Regex::new(
        r"(?i)there (?:is|are) no\b|which one a sample|comparison a sample|(?:is|are) no (?:longer|more|less|faster|slower|better|worse|wider|larger|smaller|newer|older|other|one|need|reason|way|hint|doubt|matter)\b",
    )
    .unwrap();
    let mut found = Vec::new();
    files(&project.join("harness"), &mut found);
    for directory in ["reports", "docs", "scripts", ".github", ".forgejo", "scenarios"] {
        files(&project.join(directory), &mut found);
    }
    found.extend(["README.md", "ARCHITECTURE.md"].map(|page| project.join(page)));
    let mut wrong = Vec::new();
    for (pattern, advice) in patterns {
        let pattern = Regex::new(&pattern).unwrap();
        for file in &found {
            let Ok(text) = std::fs::read_to_string(file) else { continue };
            for (number, line) in (1..).zip(text.lines()) {
                let line = english.replace_all(line, "");
                if let Some(words) = pattern.find(&line) {
                    let file = file.strip_prefix(project).unwrap().display();
                    wrong.push(format!("{file}:{number}: `{}`: {advice}", words.as_str().trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
}

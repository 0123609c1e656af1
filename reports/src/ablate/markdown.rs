//! The report for pull requests: names may come from a fork and are escaped.

use super::document::Ablation;
use super::terminal::{sentences, tables};
use crate::document::text::{code, sentence};

/// GitHub-flavoured Markdown.
pub fn markdown(ablation: &Ablation) -> String {
    let mut page = vec![format!("## ablate {}\n\n", code(&ablation.scenario))];
    for words in sentences(ablation) {
        page.push(format!("* **{}**\n", sentence(&words)));
    }
    for (title, table) in tables(ablation) {
        page.push(format!("\n{}\n\n{}", sentence(&title), table.markdown()));
    }
    if !ablation.findings.is_empty() {
        page.push("\n### Findings\n\n".to_owned());
        page.extend(ablation.findings.iter().map(|words| format!("* {}\n", sentence(words))));
    }
    page.concat()
}

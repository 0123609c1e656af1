//! What is wrong with a scenario file, and where.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// One problem of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong: a lowercase fragment.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line it starts on, without its end.
    pub text: String,
    /// What is marked in `text`, in bytes.
    pub marked: Range<usize>,
}

impl Problem {
    /// Finds line and column of a byte range; what reaches past the first line is cut there.
    pub(crate) fn locate(
        file: PathBuf,
        source: &str,
        span: Range<usize>,
        message: String,
        hint: Option<String>,
    ) -> Self {
        let start = floor(source, span.start);
        let begin = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let text = source[begin..end].trim_end_matches('\r');
        let from = (start - begin).min(text.len());
        let to = floor(source, span.end).saturating_sub(begin).clamp(from, text.len());
        Self {
            file,
            line: source[..begin].matches('\n').count() + 1,
            column: text[..from].chars().count() + 1,
            message,
            hint,
            text: text.to_owned(),
            marked: from..to,
        }
    }

    fn render_with(&self, renderer: &Renderer) -> String {
        let path = self.file.display().to_string();
        // A zero-width mark is drawn as one caret; a control character would be drawn as it is.
        let snippet = Snippet::source(self.text.as_str())
            .line_start(self.line)
            .path(path.as_str())
            .annotation(AnnotationKind::Primary.span(self.marked.clone()));
        let mut group = Level::ERROR.primary_title(self.message.as_str()).element(snippet);
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
        }
        renderer.render(&[group])
    }
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file.display(), self.line, self.column, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " (hint: {hint})"),
            None => Ok(()),
        }
    }
}

/// Every problem of a file, in the order of the text; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Each problem with `file:line:column`, its line, a caret and its hint, and a last line that counts them.
    /// Escape sequences for colour only where asked for.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let mut text = String::new();
        for problem in &self.0 {
            text.push_str(&problem.render_with(&renderer));
            text.push_str("\n\n");
        }
        let count = self.0.len();
        let file = self.0.first().map(|problem| problem.file.display().to_string());
        let file = file.unwrap_or_default();
        text + &format!("{file}: {count} {}\n", if count == 1 { "problem" } else { "problems" })
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

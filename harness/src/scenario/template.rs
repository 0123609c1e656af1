//! Text with placeholders: `{workspace}`, `{param.NAME}`, ... ; `{{` and `}}` are literal braces.

use std::fmt;

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The runner's workspace directory.
    Workspace,
    /// The runner's home directory.
    Home,
    /// The runner's cache directory.
    Cache,
    /// Tools of the runner's image: provisioned once, shared by all runners.
    Tools,
    /// The runner's temporary directory.
    Temp,
    /// The scenario's folder.
    Scenario,
    /// The value of the example that is being run.
    Example,
    /// The value of a param.
    Param(String),
    /// The port chosen for a service.
    Port(String),
}

impl Placeholder {
    /// Every form, as written, for messages.
    pub const FORMS: &'static str = "{workspace}, {home}, {cache}, {tools}, {temp}, {scenario}, {example}, {param.NAME}, {port.NAME}";

    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "workspace" => Self::Workspace,
            "home" => Self::Home,
            "cache" => Self::Cache,
            "tools" => Self::Tools,
            "temp" => Self::Temp,
            "scenario" => Self::Scenario,
            "example" => Self::Example,
            _ => {
                if let Some(param) = name.strip_prefix("param.").filter(|n| !n.is_empty()) {
                    Self::Param(param.to_owned())
                } else {
                    let port = name.strip_prefix("port.").filter(|n| !n.is_empty())?;
                    Self::Port(port.to_owned())
                }
            }
        })
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Workspace => f.write_str("{workspace}"),
            Self::Home => f.write_str("{home}"),
            Self::Cache => f.write_str("{cache}"),
            Self::Tools => f.write_str("{tools}"),
            Self::Temp => f.write_str("{temp}"),
            Self::Scenario => f.write_str("{scenario}"),
            Self::Example => f.write_str("{example}"),
            Self::Param(name) => write!(f, "{{param.{name}}}"),
            Self::Port(name) => write!(f, "{{port.{name}}}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(Placeholder),
}

/// Text whose placeholders are known to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    source: String,
    pieces: Vec<Piece>,
}

/// Why text is not a template; `at` is the byte offset of the offending brace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Byte offset into the text.
    pub at: usize,
    /// Length in bytes of the offending part.
    pub len: usize,
    /// What is wrong.
    pub message: String,
}

/// A placeholder that has no value where it is used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{placeholder}` has no value in `{template}`")]
pub struct Unbound {
    /// The placeholder.
    pub placeholder: String,
    /// The whole text.
    pub template: String,
}

impl Template {
    /// Splits text into literal parts and placeholders.
    ///
    /// # Errors
    /// An unknown placeholder, or a brace that is neither closed nor doubled.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            literal.push_str(&rest[..brace]);
            let at = text.len() - rest.len() + brace;
            let after = &rest[brace..];
            if let Some(tail) = after.strip_prefix("{{") {
                literal.push('{');
                rest = tail;
            } else if let Some(tail) = after.strip_prefix("}}") {
                literal.push('}');
                rest = tail;
            } else if after.starts_with('}') {
                return Err(TemplateError {
                    at,
                    len: 1,
                    message: "`}` without `{` (hint: write `}}` for a literal brace)".to_owned(),
                });
            } else {
                let Some(end) = after.find('}') else {
                    return Err(TemplateError {
                        at,
                        len: after.len(),
                        message: "`{` is never closed (hint: write `{{` for a literal brace)"
                            .to_owned(),
                    });
                };
                let name = &after[1..end];
                let Some(placeholder) = Placeholder::parse(name) else {
                    return Err(TemplateError {
                        at,
                        len: end + 1,
                        message: format!(
                            "unknown placeholder `{{{name}}}`, expected one of {}",
                            Placeholder::FORMS
                        ),
                    });
                };
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Hole(placeholder));
                rest = &after[end + 1..];
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self { source: text.to_owned(), pieces })
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The placeholders in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(placeholder) => Some(placeholder),
            Piece::Text(_) => None,
        })
    }

    /// The text with every placeholder replaced by what `value` returns for it.
    ///
    /// # Errors
    /// The first placeholder for which `value` returns nothing.
    pub fn expand(
        &self,
        value: &dyn Fn(&Placeholder) -> Option<String>,
    ) -> Result<String, Unbound> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Hole(placeholder) => {
                    text.push_str(&value(placeholder).ok_or_else(|| Unbound {
                        placeholder: placeholder.to_string(),
                        template: self.source.clone(),
                    })?);
                }
            }
        }
        Ok(text)
    }
}

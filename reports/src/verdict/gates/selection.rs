//! Which examples a gate is about.

use bench_record::Example;

/// Examples by position or by name.
pub(super) enum Selection {
    Positions(u32, u32),
    Names(globset::GlobMatcher),
}

impl Selection {
    /// `1`, `2..`, `2..5` or a glob on names; the reason in words when it is none of these.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let number =
            |text: &str, open: u32| if text.is_empty() { Some(open) } else { text.parse().ok() };
        let range = match text.split_once("..") {
            Some((from, to)) => number(from, 1).zip(number(to, u32::MAX)),
            None => text.parse().ok().map(|at| (at, at)),
        };
        match range {
            Some((from, to)) => Ok(Self::Positions(from, to)),
            None => globset::Glob::new(text)
                .map(|glob| Self::Names(glob.compile_matcher()))
                .map_err(|_| format!("`{text}` selects no examples")),
        }
    }

    pub(super) fn takes(&self, example: &Example) -> bool {
        self.has(&example.name, example.position)
    }

    pub(super) fn has(&self, name: &str, position: u32) -> bool {
        match self {
            Self::Positions(from, to) => (*from..=*to).contains(&position),
            Self::Names(glob) => glob.is_match(name),
        }
    }
}

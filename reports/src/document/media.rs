//! Which renderers draw a part of a document.

use std::ops::BitOr;

/// A set of renderers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media(u8);

impl Media {
    /// Text on a terminal.
    pub const TERMINAL: Self = Self(1);
    /// Markdown.
    pub const MARKDOWN: Self = Self(2);
    /// A page in a browser.
    pub const HTML: Self = Self(4);
    /// Terminal and Markdown.
    pub const PLAIN: Self = Self(1 | 2);
    /// All of them.
    pub const ALL: Self = Self(1 | 2 | 4);

    /// Whether the sets share a renderer.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The renderers of this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The renderers that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Media {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

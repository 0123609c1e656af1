//! What to write into CI: from a run, what its scenario declares, an explanation and an ablation to a Markdown page.
//!
//! ```text
//! summary -> decide ------------------------------------------\
//! declared, params -> places -> entries, with key -> workflow ---> text
//! explain.json -----------------------------------------------/      (next: the same in short, for a report)
//! ablate.json -> worth -> decide, which caches
//! ```

mod caches;
mod decide;
mod document;
mod entries;
mod key;
mod next;
mod numbers;
mod places;
mod portable;
mod sizes;
mod text;
mod workflow;
mod worth;
pub mod yaml;

pub use decide::decide;
pub use document::{Advice, Ci, Decision, Declared, DeclaredCache, HOSTED_RESTORE, Input, Root};
pub use key::{KEY_LIMIT, Key};
pub use next::next;
pub use text::recipe;

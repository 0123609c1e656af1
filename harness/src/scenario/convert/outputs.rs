//! What the measured phases make, and how it may be compared.

use super::value::{Context, GlobKind};
use crate::scenario::model::{Globs, Normaliser};
use crate::scenario::wire::Fields;

/// `[outputs]`
#[derive(Default)]
pub(super) struct Outputs {
    pub(super) paths: Globs,
    pub(super) normalise: Vec<Normaliser>,
}

pub(super) fn outputs(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<Outputs> {
    let Some(table) = file.table("outputs") else { return Some(Outputs::default()) };
    let paths = context.globs(table.filled("paths"), GlobKind::Path);
    let words = match table.get("normalise") {
        Some(_) => table.texts("normalise").map(|words| {
            let known = words.iter().map(|word| context.choice(word, &Normaliser::ALL));
            known.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
        }),
        None => Some(Some(Vec::new())),
    };
    Some(Outputs { paths: paths?, normalise: words?? })
}

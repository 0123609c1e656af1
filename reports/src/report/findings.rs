//! What the run found.

use super::input::Input;
use crate::document::{Blocks, Media, Section};

/// The headline first; a page leaves the section out where there is nothing to say.
#[expect(clippy::unnecessary_wraps, reason = "the list of sections holds functions of one type")]
pub(super) fn section(input: &Input) -> Option<Section> {
    let findings = &input.summary.findings;
    let blocks = if findings.is_empty() {
        let nothing = Blocks::new().remarks(["nothing out of the ordinary"]);
        Blocks::new().only(Media::PLAIN, nothing)
    } else {
        Blocks::new().findings(findings)
    };
    Some(Section::new("findings", "Findings", blocks))
}

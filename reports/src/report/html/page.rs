//! The document around the sections: head, policy, navigation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::markup::Markup;

const STYLE: &str = include_str!("../../document/html/page.css");
const SCRIPT: &str = include_str!("../../document/html/page.js");

/// A part of the report with an address of its own.
pub(super) struct Section {
    /// Its anchor.
    pub(super) id: &'static str,
    /// Its heading.
    pub(super) heading: &'static str,
    /// One sentence on how to read it; may be empty.
    pub(super) lead: &'static str,
    /// The rest.
    pub(super) body: Markup,
}

/// The whole document. Nothing is loaded from anywhere, and the policy has the browser enforce that: only the
/// style sheet and the script of this very document, named by their digests, are allowed.
pub(super) fn page(title: &str, head: &Markup, sections: &[Section], data: &Markup) -> Markup {
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        digest(SCRIPT),
        digest(STYLE)
    );
    let links = sections.iter().map(|section| {
        Markup::new("<li><a")
            .attribute("href", &format!("#{}", section.id))
            .raw(">")
            .text(section.heading)
            .raw("</a></li>\n")
    });
    Markup::new("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\"")
        .attribute("content", &policy)
        .raw(">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>")
        .text(title)
        .raw("</title>\n<style>")
        .raw(STYLE)
        .raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#report\">Skip to the report</a>\n")
        .raw("<nav aria-label=\"Sections\"><p class=\"mark\">bench</p>\n<ul>\n")
        .all(links)
        .raw("</ul></nav>\n<main id=\"report\">\n")
        .add(head)
        .all(sections.iter().map(section))
        .raw("</main>\n")
        .add(data)
        .raw("<script>")
        .raw(SCRIPT)
        .raw("</script>\n</body>\n</html>\n")
}

fn section(section: &Section) -> Markup {
    let lead = if section.lead.is_empty() {
        Markup::default()
    } else {
        Markup::new("<p class=\"lead\">").text(section.lead).raw("</p>\n")
    };
    Markup::new("<section")
        .attribute("id", section.id)
        .raw("><h2>")
        .text(section.heading)
        .raw("</h2>\n")
        .add(&lead)
        .add(&section.body)
        .raw("</section>\n")
}

/// What a policy calls a script or style by.
fn digest(content: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::chart::PALETTE;

    #[test]
    fn the_style_sheet_knows_every_colour_of_the_charts() {
        for (colour, variable) in PALETTE {
            let hex = format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
            let rule = |attribute| {
                format!("[{attribute}=\"{hex}\"] {{ {attribute}: var(--{variable}); }}")
            };
            assert!(
                STYLE.contains(&rule("fill")) || STYLE.contains(&rule("stroke")),
                "{hex} is not mapped to --{variable}"
            );
        }
    }

    #[test]
    fn nothing_of_the_own_files_ends_its_element() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
    }
}

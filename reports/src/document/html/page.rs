//! The page around the sections: policy, navigation, head.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::block::{blocks, labelled, paragraph};
use super::inline::Inert;
use crate::document::block::Weight;
use crate::document::media::Media;
use crate::document::section::{Document, Head, Section};
use crate::document::text;
use crate::document::words::{Inline, Words};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The whole page. Nothing is loaded from anywhere, and the policy has the browser enforce that: only the style sheet
/// and the script of this very page, named by their digests, are allowed.
pub(super) fn page(document: &Document, data: &str) -> Markup {
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        digest(SCRIPT),
        digest(STYLE)
    );
    let sections: Vec<&Section> = document.shown(Media::HTML).collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (Inert(&tab(&document.title))) " - bench" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#report" { "Skip to the report" }
                nav aria-label="Sections" {
                    p.mark { "bench" }
                    ul {
                        @for section in &sections {
                            li { a href={ "#" (section.id) } { (section.heading) } } "\n"
                        }
                    }
                }
                main #report {
                    (head(document))
                    @for one in &sections { (section(one)) "\n" }
                }
                script type="application/json" id="data" { (PreEscaped(harmless(data))) }
                "\n"
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn head(document: &Document) -> Markup {
    let Head { kind, facts, conclusion, verdicts, warnings } = &document.head;
    let facts = facts.iter().filter(|fact| !fact.is_hidden(Media::HTML));
    html! {
        header {
            p.eyebrow { (Inert(kind)) }
            h1 { (document.title) }
            @for words in conclusion.iter().filter(|words| !words.is_hidden(Media::HTML)) {
                p.verdict { (words) }
            }
            @if !verdicts.is_empty() { (labelled(verdicts, Some("Verdicts"))) }
            p.facts {
                @for (index, fact) in facts.enumerate() {
                    @if index > 0 { " " span.dot { "\u{b7}" } " " }
                    (fact)
                }
            }
            @for words in warnings { (paragraph(Weight::Warning, words)) }
        }
        "\n"
    }
}

fn section(section: &Section) -> Markup {
    html! {
        section id=(section.id) {
            h2 { (section.heading) }
            @if !section.lead.is_nothing() { (paragraph(Weight::Quiet, &section.lead)) }
            (blocks(&section.blocks))
        }
    }
}

/// A title as the tab of a browser shows it.
fn tab(title: &Words) -> String {
    let text = title.pieces().iter().map(|piece| match piece {
        Inline::Name(name) | Inline::Code(name) => text::fit(text::named(name), text::LONGEST),
        Inline::Text(text) => text.clone(),
        _ => String::new(),
    });
    text.collect()
}

/// JSON in which no character ends the block that it stands in, or is obeyed rather than shown.
fn harmless(json: &str) -> String {
    let mut data = String::with_capacity(json.len());
    for c in text::visible(json).chars() {
        match c {
            '<' => data.push_str("\\u003c"),
            '>' => data.push_str("\\u003e"),
            '&' => data.push_str("\\u0026"),
            c => data.push(c),
        }
    }
    data
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
    fn neither_the_style_sheet_nor_the_script_ends_its_element() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
    }

    #[test]
    fn data_cannot_end_its_block() {
        let json = serde_json::to_string(&["</script><!--", "\u{202e}&"]).expect("it is JSON");
        assert_eq!(harmless(&json), "[\"\\u003c/script\\u003e\\u003c!--\",\"\\u0026\"]");
    }
}

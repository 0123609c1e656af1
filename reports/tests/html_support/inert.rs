//! What a document may consist of, whatever its names say.

use scraper::Html;

use super::all;

const ELEMENTS: [&str; 48] = [
    "a",
    "b",
    "body",
    "br",
    "caption",
    "circle",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "li",
    "line",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "path",
    "polygon",
    "polyline",
    "pre",
    "rect",
    "script",
    "section",
    "span",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "ul",
];

/// Nothing but what the renderer itself writes: elements, attributes and addresses.
pub(crate) fn assert_inert(page: &Html, what: &str) {
    for element in all(page, "*") {
        let value = element.value();
        assert!(ELEMENTS.contains(&value.name()), "{what:?} made an element {}", value.name());
        for (name, attribute) in value.attrs() {
            assert!(
                !name.starts_with("on") && name != "style" && name != "src",
                "{what:?}: {name}"
            );
            if name == "href" {
                assert!(
                    attribute.starts_with('#') || attribute.starts_with("../logs/"),
                    "{what:?} leads to {attribute}"
                );
                let rest = attribute.trim_start_matches("../logs/");
                assert!(!rest.contains("../"), "{what:?} leads to {attribute}");
            }
        }
    }
    assert_eq!(all(page, "script").len(), 2, "{what:?}");
    assert_eq!(all(page, "style").len(), 1, "{what:?}");
    assert_eq!(all(page, "meta").len(), 5, "{what:?}");
    let comments = page.tree.nodes().filter(|node| node.value().is_comment()).count();
    assert_eq!(comments, 0, "{what:?} made a comment");
    let shown: String = page.root_element().text().collect();
    for c in shown.chars() {
        assert!(!c.is_control() || c == '\n', "{what:?} left {c:?}");
        assert!(!('\u{202a}'..='\u{202e}').contains(&c) && c != '\u{2028}', "{what:?} left {c:?}");
    }
}

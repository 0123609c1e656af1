//! Text inside YAML: the one quoting function, and what keeps it from being an expression of the CI system.

use std::fmt::Write as _;

/// Any text as a double-quoted scalar on one line that reads back as the same text.
pub fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // What a reader would not see, and what YAML takes for the end of a line.
            c if crate::document::text::visible(c.encode_utf8(&mut [0; 4])) != c.to_string() => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            // No character of YAML, even quoted.
            '\u{FFFE}' | '\u{FFFF}' => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Foreign text inside a value: `${{` is what starts an expression, so it is made the value of one.
pub fn literal(text: &str) -> String {
    text.replace("${{", "${{ '${{' }}")
}

//! The names of the formats that example times are extracted from.

use crate::extract::Format;

/// Name and format; the table of keys lists the same names.
pub(super) const FORMATS: &[(&str, Format)] = &[("junit", Format::Junit), ("tsv", Format::Tsv)];

/// How a scenario file names the format.
pub(crate) fn format_name(format: Format) -> &'static str {
    match format {
        Format::Junit => "junit",
        Format::Tsv => "tsv",
    }
}

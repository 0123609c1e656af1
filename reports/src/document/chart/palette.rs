//! Colours of charts, each of which the style sheet knows.

use plotters::style::RGBColor;

/// Text that names.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Text that explains.
pub(super) const QUIET: RGBColor = RGBColor(0x55, 0x55, 0x55);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
/// Lines between marks that belong together.
pub(super) const JOIN: RGBColor = RGBColor(0xBB, 0xBB, 0xBB);
/// Bands behind marks.
pub(super) const BAND: RGBColor = RGBColor(0xEE, 0xEE, 0xEE);

/// Colours of the marks: the palette of Okabe and Ito, which people with any colour vision tell apart.
pub(super) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
/// See [`BLUE`].
pub(super) const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
/// See [`BLUE`].
pub(super) const ORANGE: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
/// The palette's orange, darkened until it stands out from white.
pub(super) const OCHRE: RGBColor = RGBColor(0x9A, 0x6A, 0x00);
/// See [`BLUE`].
pub(super) const PINK: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
/// See [`BLUE`].
pub(super) const GREY: RGBColor = RGBColor(0x77, 0x77, 0x77);

/// Every colour with the variable of the style sheet that stands for it.
#[cfg(test)]
pub(crate) const ALL: [(RGBColor, &str); 11] = [
    (INK, "ink"),
    (QUIET, "quiet"),
    (GRID, "grid"),
    (JOIN, "join"),
    (BAND, "band"),
    (BLUE, "cold"),
    (GREEN, "same-runner"),
    (ORANGE, "cross-runner"),
    (OCHRE, "moved-runner"),
    (PINK, "hot"),
    (GREY, "unknown"),
];

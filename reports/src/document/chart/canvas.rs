//! A picture under construction, and the one home of plotters.
//!
//! Colours are fixed in the palette and stand for roles: the style sheet maps each of them to a variable, so that one
//! document serves light, dark and print. Shapes carry the same information as colours.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::palette::{GRID, QUIET};

/// Markup of a chart; every text in it is escaped.
#[derive(Clone, Debug)]
pub struct Svg(String);

impl Svg {
    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A part of a picture whose coordinates run from 0 to 1.
pub(super) type Plane<'a> =
    DrawingArea<SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
pub(super) type Picture<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Drawing into a string cannot fail; the error type only says that some back ends can.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Height of a line of text, pixels.
const TEXT: f64 = 12.0;
/// plotters divides the size of a font by this before it writes it.
const FONT_FACTOR: f64 = 1.24;
/// Width of an average character of that size in the widest of the fonts that browsers take, pixels.
pub(super) const CHARACTER: f64 = 7.3;

/// Runs a drawing and cuts from its text what says nothing.
pub(super) fn draw(
    (width, height): (i32, i32),
    drawing: impl FnOnce(&Picture<'_>) -> Drawn,
) -> Option<Svg> {
    let size = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    let mut text = String::new();
    let picture = SVGBackend::with_string(&mut text, size).into_drawing_area();
    drawing(&picture).ok()?;
    picture.present().ok()?;
    drop(picture);
    // Quotes inside text are escaped, so that these only match attributes.
    for (long, short) in [
        (" opacity=\"1\"", ""),
        (" stroke-width=\"1\"", ""),
        (" font-family=\"sans-serif\"", ""),
        (" font-size=\"12\"", ""),
        (" xmlns=\"http://www.w3.org/2000/svg\"", ""),
        (">\n", ">"),
        ("\n</text>", "</text>"),
    ] {
        text = text.replace(long, short);
    }
    // Lengths in `rem` grow with the reader's font size.
    let open = format!("<svg width=\"{width}\" height=\"{height}\"");
    let scaled = format!(
        "<svg aria-hidden=\"true\" focusable=\"false\" width=\"{}rem\" height=\"{}rem\"",
        f64::from(width) / 16.0,
        f64::from(height) / 16.0
    );
    Some(Svg(text.replacen(&open, &scaled, 1)))
}

/// The part of a picture between these pixels as a plane, the origin at the upper left.
pub(super) fn plane<'a>(
    picture: &Picture<'a>,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
) -> Plane<'a> {
    picture.clone().apply_coord_spec(Cartesian2d::<RangedCoordf64, RangedCoordf64>::new(
        0.0..1.0,
        0.0..1.0,
        (left..right, top..bottom),
    ))
}

/// A piece of text at a pixel.
pub(super) fn text(
    picture: &Picture<'_>,
    text: &str,
    at: (i32, i32),
    (across, down): (HPos, VPos),
    colour: RGBColor,
) -> Drawn {
    let style = TextStyle::from(("sans-serif", TEXT * FONT_FACTOR).into_font())
        .color(&colour)
        .pos(Pos::new(across, down));
    picture.draw(&Text::new(text.to_owned(), at, style))
}

/// Grid lines across the plane, their values below it and, where asked for, above it.
pub(super) fn grid(
    picture: &Picture<'_>,
    axis: &Axis,
    (left, right): (i32, i32),
    (top, bottom): (i32, i32),
    above: bool,
) -> Drawn {
    let pixel = |value: f64| left + (axis.place(value) * f64::from(right - left)).round() as i32;
    let mut free = i32::MIN;
    for value in axis.ticks() {
        let x = pixel(value);
        picture.draw(&PathElement::new(vec![(x, top), (x, bottom)], GRID))?;
        let label = (axis.show)(value);
        let half = (label.chars().count() as f64 * CHARACTER / 2.0) as i32;
        if x - half > free {
            text(picture, &label, (x, bottom + 6), (HPos::Center, VPos::Top), QUIET)?;
            if above {
                text(picture, &label, (x, top - 6), (HPos::Center, VPos::Bottom), QUIET)?;
            }
            free = x + half + 8;
        }
    }
    Ok(())
}

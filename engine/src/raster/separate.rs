//! Several mattes of one document: one a channel, or some shapes by themselves.

use shapes::{Blend, Document, Shape};

use super::Window;
use super::stack::{MatteOptions, Reach, Stack};
use crate::image::Plane;

/// Whether a shape has a matte of its own: it adds. The others take away from those that do.
pub fn adds(shape: &Shape) -> bool {
    matches!(shape.blend, Blend::Add | Blend::Max)
}

/// Four mattes in one: those of the shapes of each channel, R, G, B, A.
///
/// A shape whose colour is mostly red, green or blue is in that channel, one of any other colour in alpha. Shapes without
/// a colour take the channels in turn if they add (add, max); if they take away, they do so in every channel.
pub fn multi_matte(document: &Document, frame: f64, options: &MatteOptions, window: Window) -> [Plane; 4] {
    let channels = channels(&document.shapes);
    std::array::from_fn(|channel| {
        let within = |(_, c): &(&Shape, Option<usize>)| c.is_none_or(|c| c == channel);
        let shapes = document.shapes.iter().zip(channels.iter().copied()).filter(within);
        Stack::new(shapes.map(|(shape, _)| shape), frame, options).draw(window)
    })
}

/// The matte of those shapes that add and that `own` picks, 0 to 1, for the pixels of `window` (raster px): what a channel of
/// [`multi_matte`] holds where no other shape adds in it. So whatever takes away in their channels is taken from it.
pub fn separate_matte(
    document: &Document,
    frame: f64,
    options: &MatteOptions,
    window: Window,
    own: impl Fn(&Shape) -> bool,
) -> Plane {
    Stack::new(members(document, own).into_iter(), frame, options).draw(window)
}

/// Where [`separate_matte`] may be other than black.
pub fn separate_reach(
    document: &Document,
    frame: f64,
    options: &MatteOptions,
    own: impl Fn(&Shape) -> bool,
) -> Reach {
    Stack::new(members(document, own).into_iter(), frame, options).reach()
}

/// The shapes that `own` picks and those that take away from them, in their order.
fn members(document: &Document, own: impl Fn(&Shape) -> bool) -> Vec<&Shape> {
    let channels = channels(&document.shapes);
    let shapes = || document.shapes.iter().zip(&channels);
    let is_own = |shape: &Shape| adds(shape) && own(shape);
    let touches = |channel: usize| shapes().any(|(s, c)| *c == Some(channel) && is_own(s));
    let belongs = |(shape, channel): &(&Shape, &Option<usize>)| {
        if adds(shape) { own(shape) } else { channel.is_none_or(touches) }
    };
    shapes().filter(belongs).map(|(shape, _)| shape).collect()
}

/// The channel of each shape; `None` for all of them.
fn channels(shapes: &[Shape]) -> Vec<Option<usize>> {
    let mut turn = (0..4).cycle();
    let channel = |shape: &Shape| match shape.color {
        Some(rgb) => {
            let strongest = (0..3).max_by(|&a, &b| rgb[a].total_cmp(&rgb[b])).unwrap_or(0);
            let others = (0..3).filter(|&c| c != strongest).map(|c| rgb[c]).fold(0.0, f64::max);
            Some(if rgb[strongest] > 2.0 * others { strongest } else { 3 })
        }
        None if adds(shape) => turn.next(),
        None => None,
    };
    shapes.iter().map(channel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::{Key, Point};

    const WINDOW: Window = Window { x0: 0, y0: 0, x1: 40, y1: 30 };

    /// Four squares that lie over each other in part.
    fn four() -> Document {
        let square = |i: usize, blend: Blend| {
            let (x, y) = (3.3 + 5.0 * i as f64, 2.7 + 3.0 * i as f64);
            let corners = [(x, y), (x + 14.0, y), (x + 14.0, y + 12.5), (x, y + 12.5)];
            let points = corners.map(|(x, y)| Point::corner(x, y)).to_vec();
            Shape { blend, ..Shape::new(["a", "b", "c", "d"][i], true, vec![Key::new(0.0, points)]) }
        };
        let blends = [Blend::Add, Blend::Add, Blend::Subtract, Blend::Max];
        Document { shapes: (0..4).map(|i| square(i, blends[i])).collect(), ..Document::new(40, 30) }
    }

    fn looks() -> [MatteOptions; 3] {
        let sharp = MatteOptions::default();
        [
            MatteOptions { feather_px: 5.0, grow_px: 1.0, ..sharp.clone() },
            MatteOptions { invert: true, ..sharp.clone() },
            sharp,
        ]
    }

    #[test]
    fn a_separate_matte_is_the_channel_that_it_has_to_itself() {
        let d = four();
        for options in looks() {
            let packed = multi_matte(&d, 0.0, &options, WINDOW);
            for (channel, name) in [(0, "a"), (1, "b"), (2, "d")] {
                let one = separate_matte(&d, 0.0, &options, WINDOW, |s| s.name == name);
                assert_eq!(one, packed[channel], "{name}");
            }
        }
    }

    #[test]
    fn a_coloured_shape_takes_away_in_its_channel_alone() {
        let mut d = four();
        let colours = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.9, 0.1, 0.0], [0.0, 0.0, 1.0]];
        d.shapes.iter_mut().zip(colours).for_each(|(s, c)| s.color = Some(c));
        let one = |d: &Document, name: &str| {
            separate_matte(d, 0.0, &MatteOptions::default(), WINDOW, |s| s.name == name)
        };
        let packed = multi_matte(&d, 0.0, &MatteOptions::default(), WINDOW);
        assert_eq!([one(&d, "a"), one(&d, "b"), one(&d, "d")], packed[..3]);
        let mut without = d.clone();
        without.shapes.remove(2);
        assert_ne!(one(&d, "a"), one(&without, "a"));
        assert_eq!(one(&d, "b"), one(&without, "b"));
    }

    #[test]
    fn shapes_of_one_matte_are_composed() {
        let d = four();
        let both =
            separate_matte(&d, 0.0, &MatteOptions::default(), WINDOW, |s| ["a", "b"].contains(&&*s.name));
        let mut two = d.clone();
        two.shapes.truncate(3);
        assert_eq!(both, super::super::matte(&two, 0.0, &MatteOptions::default(), WINDOW));
        let none = separate_matte(&d, 0.0, &MatteOptions::default(), WINDOW, |_| false);
        assert!(none.data().iter().all(|v| *v == 0.0));
    }

    #[test]
    fn a_separate_matte_lies_within_its_reach() {
        let d = four();
        let options = MatteOptions { feather_px: 4.0, ..MatteOptions::default() };
        let Reach::Within(r) = separate_reach(&d, 0.0, &options, |s| s.name == "a") else {
            panic!("bounded")
        };
        let one = separate_matte(&d, 0.0, &options, WINDOW, |s| s.name == "a");
        for y in 0..30 {
            for (x, v) in one.row(y).iter().enumerate() {
                let (x, y) = (x as f64, y as f64);
                let inside = x + 1.0 > r.x0 && x < r.x1 && y + 1.0 > r.y0 && y < r.y1;
                assert!(inside || *v == 0.0, "{v} at {x} {y}");
            }
        }
    }
}

//! Stacks of sharp shapes, composed without a plane for each.

use rayon::prelude::*;
use shapes::Blend;

use super::stack::{Group, Stack};
use super::{Edges, Run, Window};
use crate::image::Plane;

impl Stack<'_> {
    /// The matte of sharp shapes that change nothing where they do not reach, at one moment: composed from the runs of their rows, so
    /// that only pixels that they cover are touched. `None` for other stacks.
    pub(super) fn draw_runs(&self, window: Window) -> Option<Plane> {
        let [moment] = *self.moments.as_slice() else { return None };
        let stays = |g: &Group<'_>| !g.invert() && !matches!(g.blend, Blend::Intersect | Blend::Holdout);
        if !self.groups.iter().all(stays) {
            return None;
        }
        let edges = self.groups.par_iter().map(|g| g.at(moment, self).edges(self.options));
        let edges: Vec<Edges> = edges.collect::<Option<_>>()?;
        let mut out = Plane::filled(window.width(), window.height(), 0.0);
        for (group, edges) in self.groups.iter().zip(&edges) {
            let touched = edges.bounds().intersection(window);
            if touched.is_empty() {
                continue;
            }
            let [first, end] = [touched.y0, touched.y1].map(|y| (y - window.y0) as usize * window.width());
            let rows = Window { y0: touched.y0, y1: touched.y1, ..window };
            edges.for_each_row(rows, &mut out.data_mut()[first..end], |out, row| {
                for run in row.runs() {
                    match run {
                        Run::Solid(from, to) if group.blend == Blend::Add && group.opacity == 1.0 => {
                            out[from..to].fill(1.0);
                        }
                        Run::Solid(from, to) => group.compose(&mut out[from..to], std::iter::repeat(1.0)),
                        Run::Edge(from, values) => group.compose(&mut out[from..], values.iter().copied()),
                    }
                }
            });
        }
        if self.options.invert {
            out.data_mut().par_iter_mut().for_each(|v| *v = 1.0 - *v);
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MatteOptions, matte};
    use super::*;
    use shapes::{Document, Key, Point, Shape};

    fn shape(blend: Blend, opacity: f64, closed: bool, places: &[(f64, f64)]) -> Shape {
        let points = places.iter().map(|&(x, y)| Point::corner(x, y)).collect();
        let key = Key::new(0.0, points);
        Shape { blend, opacity: Some(opacity), ..Shape::new("s", closed, vec![key]) }
    }

    #[test]
    fn runs_compose_as_planes_do() {
        let star = [(3.2, 4.1), (27.3, 12.9), (4.7, 21.4), (22.8, 2.6), (19.1, 28.2)];
        let kite = [(12.4, 1.3), (29.5, 15.2), (13.1, 29.9), (1.7, 16.6)];
        for invert in [false, true] {
            for opacity in [1.0, 0.3] {
                let mut d = Document::new(32, 32);
                d.shapes.push(shape(Blend::Add, opacity, true, &star));
                for blend in [Blend::Add, Blend::Subtract, Blend::Max, Blend::Difference] {
                    d.shapes.push(shape(blend, opacity, true, &kite));
                    d.shapes.push(shape(blend, opacity, false, &star));
                }
                let options = MatteOptions { invert, stroke_px: 2.5, ..MatteOptions::default() };
                let window = Window { x0: 2, y0: -3, x1: 31, y1: 27 };
                let runs = matte(&d, 0.0, &options, window);
                // A holdout, though of nothing, takes planes.
                d.shapes.push(shape(Blend::Holdout, 0.0, true, &kite));
                let planes = matte(&d, 0.0, &options, window);
                let far =
                    runs.data().iter().zip(planes.data()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(far < 1e-6, "{opacity} {invert}: {far}");
            }
        }
    }
}

//! In which order an outline's points lie beside those of another: from which first one, and which way round.

use nalgebra::Vector2;
use shapes::Point;
use shapes::redraw::reversed;

/// Of the points of one outline, beside another with as many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// The other way round.
    pub back: bool,
    /// Which is the first then.
    pub first: usize,
}

/// An order, and how far from a model's the points are by it, and by their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nearest {
    pub order: Order,
    /// Sums of squared distances.
    pub apart: f64,
    pub own: f64,
}

impl Order {
    /// Which of `n` points is in a place.
    pub fn index(&self, place: usize, n: usize) -> usize {
        let i = (place + self.first) % n.max(1);
        if self.back { n - 1 - i } else { i }
    }

    /// Points in this order.
    pub fn of(&self, points: &[Point]) -> Vec<Point> {
        let mut points = if self.back { reversed(points) } else { points.to_vec() };
        points.rotate_left(self.first);
        points
    }
}

/// The order that lays places on those of a model with as many best; `None` for none.
pub(super) fn nearest(model: &[Vector2<f64>], places: &[Vector2<f64>], closed: bool) -> Option<Nearest> {
    let n = places.len();
    let apart = |order: &Order| {
        let pairs = model.iter().enumerate().filter_map(|(i, m)| Some((m, places.get(order.index(i, n))?)));
        pairs.map(|(m, p)| (m - p).norm_squared()).sum::<f64>()
    };
    let firsts = if closed { n } else { n.min(1) };
    let orders =
        [false, true].into_iter().flat_map(|back| (0..firsts).map(move |first| Order { back, first }));
    let order = orders.min_by(|a, b| apart(a).total_cmp(&apart(b)))?;
    Some(Nearest { order, apart: apart(&order), own: apart(&Order::default()) })
}

/// Where points are, px.
pub(super) fn places(points: &[Point]) -> Vec<Vector2<f64>> {
    points.iter().map(|p| Vector2::new(p.x, p.y)).collect()
}

/// Places around their middle, along each axis 1 from it, root mean square; less along one in which they hardly differ.
pub(super) fn centred(places: &[Vector2<f64>]) -> Vec<Vector2<f64>> {
    let count = places.len().max(1) as f64;
    let middle = places.iter().sum::<Vector2<f64>>() / count;
    let square = places.iter().fold(Vector2::zeros(), |s, p| s + (p - middle).component_mul(&(p - middle)));
    let size = (square / count).map(f64::sqrt);
    let size = size.map(|s: f64| s.max(0.2 * size.max()).max(1e-9));
    places.iter().map(|p| (p - middle).component_div(&size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_found_again() {
        let ring: Vec<Point> = [(0.0, 0.0), (30.0, 4.0), (50.0, 30.0), (20.0, 40.0), (-9.0, 22.0)]
            .map(|(x, y)| Point::corner(x, y))
            .to_vec();
        for order in [Order::default(), Order { back: true, first: 2 }, Order { back: false, first: 4 }] {
            let other = order.of(&ring);
            // The order that brings the other one back to the ring.
            let found = nearest(&centred(&places(&ring)), &centred(&places(&other)), true).unwrap();
            assert_eq!(found.order.of(&other), ring);
            assert!(found.apart < 1e-12 && (order == Order::default() || found.own > 1.0));
            let by_index: Vec<Point> = (0..5).map(|i| other[found.order.index(i, 5)].clone()).collect();
            assert_eq!(by_index, ring);
        }
        assert!(nearest(&[], &[], true).is_none());
    }
}

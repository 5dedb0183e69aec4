//! The outline of an area.

use kurbo::Point;

/// A corner of the grid, and the way of a walk along its lines: right, down, left, up.
type Corner = (isize, isize);
const WAYS: [Corner; 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

/// The outer boundary of the connected part of `area` (where it is above one half) that has most of `like` in it, without
/// holes, in cells, clockwise on the screen. A position lies between two cells' centres where the area passes one half.
/// `None` where the area is empty or tiny.
pub(super) fn outline(area: &[f32], like: &[f32], width: usize, height: usize) -> Option<Vec<Point>> {
    let part = part_like(area, like, width, height)?;
    let value = |(x, y): Corner| {
        let cell = usize::try_from(x).ok().zip(usize::try_from(y).ok());
        match cell.filter(|(x, y)| *x < width && *y < height).map(|(x, y)| y * width + x) {
            Some(i) if part[i] => area[i].max(0.501),
            Some(i) => area[i].min(0.499),
            None => 0.0,
        }
    };
    let first = part.iter().position(|p| *p)?;
    let start = ((first % width) as isize, (first / width) as isize);
    let (mut at, mut way) = (start, 0);
    let mut out = Vec::new();
    for _ in 0..4 * part.len() + 4 {
        let (right, left) = sides(at, way);
        let (a, b) = (value(right), value(left));
        let centre = |c: Corner| Point::new(c.0 as f64 + 0.5, c.1 as f64 + 0.5);
        out.push(centre(right).lerp(centre(left), f64::from((a - 0.5) / (a - b))));
        at = (at.0 + WAYS[way].0, at.1 + WAYS[way].1);
        // Right where the area allows: cells that only touch at a corner are apart.
        let on = |way: &usize| {
            let (right, left) = sides(at, *way);
            value(right) > 0.5 && value(left) < 0.5
        };
        way = [1, 0, 3].map(|turn| (way + turn) % 4).into_iter().find(on)?;
        if at == start && way == 0 {
            break;
        }
    }
    (out.len() >= 8).then_some(out)
}

/// The cells to the right and to the left of the line from a corner.
fn sides((x, y): Corner, way: usize) -> (Corner, Corner) {
    match way {
        0 => ((x, y), (x, y - 1)),
        1 => ((x - 1, y), (x, y)),
        2 => ((x - 1, y - 1), (x - 1, y)),
        _ => ((x, y - 1), (x - 1, y - 1)),
    }
}

/// The cells of the part of `area` that has most of `like` in it.
fn part_like(area: &[f32], like: &[f32], width: usize, height: usize) -> Option<Vec<bool>> {
    let mut part = vec![0u32; area.len()];
    let (mut best, mut parts) = ((0.0, 0), 0);
    let mut todo = Vec::new();
    for i in 0..area.len() {
        if area[i] <= 0.5 || part[i] != 0 {
            continue;
        }
        parts += 1;
        part[i] = parts;
        todo.push(i);
        let mut sum = 0.0f64;
        while let Some(i) = todo.pop() {
            sum += f64::from(like[i]);
            let (x, y) = (i % width, i / width);
            let mut try_cell = |wanted: bool, j: usize| {
                if wanted && area[j] > 0.5 && part[j] == 0 {
                    part[j] = parts;
                    todo.push(j);
                }
            };
            try_cell(x > 0, i.wrapping_sub(1));
            try_cell(x + 1 < width, i + 1);
            try_cell(y > 0, i.wrapping_sub(width));
            try_cell(y + 1 < height, i + width);
        }
        if sum > best.0 {
            best = (sum, parts);
        }
    }
    (best.1 > 0).then(|| part.iter().map(|p| *p == best.1).collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::contour::doubled_area;
    use super::*;
    use proptest::prelude::*;

    fn round(radius: f64, hole: f64) -> Vec<f32> {
        let soft = |d: f64| (d + 0.5).clamp(0.0, 1.0) as f32;
        let at = |i: usize| {
            Point::new((i % 40) as f64 + 0.5, (i / 40) as f64 + 0.5).distance(Point::new(21.0, 18.0))
        };
        (0..40 * 36).map(|i| soft(radius - at(i)).min(soft(at(i) - hole))).collect()
    }

    proptest! {
        #[test]
        fn a_circle_is_found_between_the_cells(radius in 4.0..14.0f64) {
            let area = round(radius, -9.0);
            let found = outline(&area, &area, 40, 36).unwrap();
            for p in &found {
                prop_assert!((p.distance(Point::new(21.0, 18.0)) - radius).abs() < 0.75);
            }
            prop_assert!(doubled_area(&found) > 0.0);
        }

        #[test]
        fn any_area_has_an_end(area in prop::collection::vec(0.0..1.0f32, 48)) {
            if let Some(found) = outline(&area, &[1.0; 48], 8, 6) {
                prop_assert!(found.len() <= 4 * 48);
            }
        }
    }

    #[test]
    fn holes_and_other_parts_are_left_out() {
        let mut area = round(12.0, 4.0);
        (0..3).for_each(|i| area[i] = 1.0);
        let found = outline(&area, &round(12.0, -9.0), 40, 36).unwrap();
        assert!(found.iter().all(|p| (p.distance(Point::new(21.0, 18.0)) - 12.0).abs() < 0.75));
        assert_eq!(outline(&[0.0; 12], &[1.0; 12], 4, 3), None);
    }
}

//! What the artist reads of shapes that were drawn with other points on some pictures.

use std::collections::BTreeMap;

use engine::face::Redrawn;

/// Which points each such shape has now, and on which pictures it had others, in a sentence; nothing if there is none.
pub fn summary(redrawn: &[Redrawn]) -> Option<String> {
    let mut shapes: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    for r in redrawn.iter().filter(|r| r.off_px.is_some()) {
        let had = if r.drawn == r.points { "another order".to_owned() } else { r.drawn.to_string() };
        let pictures = &mut shapes.entry(&r.shape).or_insert((r.points, Vec::new())).1;
        pictures.push(format!("{had} in {}", picture(r)));
    }
    let shape = |(name, (points, had)): (&str, (usize, Vec<String>))| {
        format!("{name} has {points} points ({})", had.join("; "))
    };
    let told: Vec<String> = shapes.into_iter().map(shape).collect();
    (!told.is_empty()).then(|| format!("Drawn anew with the points of the others: {}.", told.join(", ")))
}

/// What is lost by that, a line each.
pub fn losses(redrawn: &[Redrawn]) -> Vec<String> {
    let loss = |r: &Redrawn| match r.off_px {
        Some(px) => format!(
            "{} of {}: {} points cannot follow its {}, {px:.2} px off in the mean; draw it with more points",
            r.shape,
            picture(r),
            r.points,
            r.drawn
        ),
        None => format!(
            "{} of {}: not learned, it cannot be drawn with {} points (open here and closed there, or too many points)",
            r.shape,
            picture(r),
            r.points
        ),
    };
    redrawn.iter().filter(|r| !r.is_followed()).map(loss).collect()
}

/// A picture without what tells two of one name apart.
fn picture(redrawn: &Redrawn) -> &str {
    redrawn.picture.split(" (").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redrawn(drawn: usize, off_px: Option<f64>) -> Redrawn {
        let (shape, picture) = ("mouth".to_owned(), format!("b.json, frame {drawn} (00ff)"));
        Redrawn { shape, picture, drawn, points: 8, off_px }
    }

    #[test]
    fn what_was_drawn_anew_is_told() {
        assert_eq!(summary(&[redrawn(9, None)]), None);
        let all = [redrawn(9, Some(0.1)), redrawn(8, Some(0.0)), redrawn(20, Some(0.6)), redrawn(5, None)];
        assert_eq!(
            summary(&all).unwrap(),
            "Drawn anew with the points of the others: mouth has 8 points (9 in b.json, frame 9; another order in \
             b.json, frame 8; 20 in b.json, frame 20)."
        );
        let losses = losses(&all);
        assert_eq!(
            losses[0],
            "mouth of b.json, frame 20: 8 points cannot follow its 20, 0.60 px off in the mean; draw it with more points"
        );
        assert!(losses.len() == 2 && losses[1].contains("open"));
    }
}

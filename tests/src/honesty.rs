//! Whether a confidence means what it says.

use std::fmt::Write;

/// What was expected of a frame, and what is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Expected error, px.
    pub expected_px: f64,
    /// True error, px.
    pub true_px: f64,
}

impl Judged {
    /// Of a confidence, which is `1 / (1 + error)`.
    pub fn new(confidence: f64, true_px: f64) -> Self {
        Judged { expected_px: 1.0 / confidence.max(1e-6) - 1.0, true_px }
    }
}

/// Frames that are said to be good against frames that are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flagged {
    /// Share of frames that are good.
    pub good: f64,
    /// Share of frames said to be good.
    pub said: f64,
    /// Of the frames said to be good, the share that are; NaN of none.
    pub precision: f64,
    /// Of the good frames, the share said to be; NaN of none.
    pub recall: f64,
}

/// Good is what lies within `limit_px` of the truth.
pub fn flagged(frames: &[Judged], limit_px: f64) -> Flagged {
    let count = |of: &dyn Fn(&Judged) -> bool| frames.iter().filter(|j| of(j)).count() as f64;
    let good = count(&|j| j.true_px <= limit_px);
    let said = count(&|j| j.expected_px <= limit_px);
    let both = count(&|j| j.true_px <= limit_px && j.expected_px <= limit_px);
    let all = frames.len() as f64;
    Flagged { good: good / all, said: said / all, precision: both / said, recall: both / good }
}

/// Rank correlation of expected and true error (Spearman), -1 to 1; ties share their rank.
pub fn rank_correlation(frames: &[Judged]) -> f64 {
    let ranks = |of: fn(&Judged) -> f64| -> Vec<f64> {
        let below = |v: f64| frames.iter().filter(|j| of(j) < v).count() as f64;
        let same = |v: f64| frames.iter().filter(|j| of(j) == v).count() as f64;
        frames.iter().map(|j| below(of(j)) + (same(of(j)) - 1.0) / 2.0).collect()
    };
    let (a, b) = (ranks(|j| j.expected_px), ranks(|j| j.true_px));
    let middle = (frames.len() as f64 - 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - middle) * (y - middle)).sum::<f64>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

/// The line of best fit of the logarithms: `true = factor * expected ^ power`, as factor and power. Both are 1 for a
/// calibrated confidence. Frames without any error, expected or true, are left out.
pub fn best_fit(frames: &[Judged]) -> (f64, f64) {
    let logs: Vec<(f64, f64)> = frames
        .iter()
        .filter(|j| j.expected_px > 0.0 && j.true_px > 0.0)
        .map(|j| (j.expected_px.ln(), j.true_px.ln()))
        .collect();
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / logs.len().max(1) as f64;
    let (x, y) = (mean(|l| l.0), mean(|l| l.1));
    let xy: f64 = logs.iter().map(|l| (l.0 - x) * (l.1 - y)).sum();
    let xx: f64 = logs.iter().map(|l| (l.0 - x).powi(2)).sum();
    let power = if xx > 0.0 { xy / xx } else { 1.0 };
    ((y - power * x).exp(), power)
}

/// A calibration table: for bins of the expected error, how many frames fall there, and the quartiles of the true one.
pub fn calibration(frames: &[Judged]) -> String {
    const BINS_PX: [f64; 8] = [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, f64::INFINITY];
    let mut out =
        String::from("| expected px | frames | true px: 25 % | median | 75 % |\n|---|---|---|---|---|\n");
    for bin in BINS_PX.windows(2) {
        let mut errors: Vec<f64> = frames
            .iter()
            .filter(|j| j.expected_px > bin[0] || bin[0] == 0.0 && j.expected_px == 0.0)
            .filter(|j| j.expected_px <= bin[1])
            .map(|j| j.true_px)
            .collect();
        if errors.is_empty() {
            continue;
        }
        errors.sort_by(f64::total_cmp);
        let at = |share: f64| errors[((errors.len() - 1) as f64 * share).round() as usize];
        let name =
            if bin[1].is_finite() { format!("{} - {}", bin[0], bin[1]) } else { format!("over {}", bin[0]) };
        // Writing into a String cannot fail.
        let _ = writeln!(
            out,
            "| {name} | {} | {:.2} | {:.2} | {:.2} |",
            errors.len(),
            at(0.25),
            at(0.5),
            at(0.75)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_and_dishonest() {
        let honest: Vec<Judged> =
            (0..10).map(|i| Judged::new(1.0 / (1.0 + f64::from(i)), f64::from(i))).collect();
        let f = flagged(&honest, 4.0);
        assert_eq!((f.good, f.said, f.precision, f.recall), (0.5, 0.5, 1.0, 1.0));
        assert!((rank_correlation(&honest) - 1.0).abs() < 1e-9);
        let half: Vec<Judged> =
            (1..9).map(|i| Judged { expected_px: f64::from(i), true_px: 0.5 * f64::from(i) }).collect();
        let (factor, power) = best_fit(&half);
        assert!((factor - 0.5).abs() < 1e-9 && (power - 1.0).abs() < 1e-9);
        let boast: Vec<Judged> =
            (0..10).map(|i| Judged { expected_px: 0.0, true_px: f64::from(i) }).collect();
        assert_eq!(flagged(&boast, 4.0).precision, 0.5);
        assert!(calibration(&boast).contains("| 0 - 0.5 | 10 | 2.00 | 5.00 | 7.00 |"));
    }
}

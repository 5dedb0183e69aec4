//! A font of strokes, so that text needs no texture: capitals, digits and signs. Small letters are drawn as capitals.

/// Columns of a letter's grid, and the step to the next letter.
const COLUMNS: f64 = 4.0;
const ADVANCE: f64 = 6.0;
/// Rows of a capital; its height is 1.
const ROWS: f64 = 6.0;

/// The strokes of a letter: points as two digits (column 0-4 from the left, row 0-6 from the base line; signs that hang
/// below it use `,` for the row -1), strokes apart by spaces.
fn letter(c: char) -> &'static str {
    match c.to_ascii_uppercase() {
        'A' => "002640 1232",
        'B' => "00063645443303 3342413000",
        'C' => "4536160501103041",
        'D' => "00062645412000",
        'E' => "46060040 0333",
        'F' => "460600 0333",
        'G' => "45361605011030414323",
        'H' => "0006 4046 0343",
        'I' => "1030 1636 2026",
        'J' => "464130100102",
        'K' => "0006 4603 0340",
        'L' => "060040",
        'M' => "0006234640",
        'N' => "00064046",
        'O' => "100105163645413010",
        'P' => "00063645443303",
        'Q' => "100105163645413010 2240",
        'R' => "00063645443303 2340",
        'S' => "453616050413334241301001",
        'T' => "0646 2026",
        'U' => "060110304146",
        'V' => "062046",
        'W' => "0610233046",
        'X' => "0046 0640",
        'Y' => "062346 2023",
        'Z' => "06460040",
        '0' => "100105163645413010 0145",
        '1' => "152620 1030",
        '2' => "05163645440040",
        '3' => "05163645443313 334241301001",
        '4' => "3630 360242",
        '5' => "460603334241301001",
        '6' => "4536160501103041423303",
        '7' => "064610",
        '8' => "13334445361605041302011030414233",
        '9' => "011030414536160504133344",
        '.' => "2021",
        ',' => "211,",
        ':' => "2021 2425",
        ';' => "211, 2425",
        '-' => "1333",
        '+' => "0343 2125",
        '_' => "0040",
        '=' => "0242 0444",
        '/' => "0046",
        '\\' => "0640",
        '%' => "0046 0616150506 3040413130",
        '(' => "36242230",
        ')' => "16242210",
        '[' => "36161030",
        ']' => "16363010",
        '<' => "453241",
        '>' => "051201",
        '!' => "2622 2021",
        '?' => "0516364544332322 2021",
        '\'' => "2624",
        '"' => "1614 3634",
        '#' => "1016 3036 0242 0444",
        '*' => "2125 0442 0244",
        '|' => "2026",
        '\u{d7}' => "0145 0541",
        '\u{b0}' => "1626251516",
        ' ' => "",
        _ => "0006464000",
    }
}

/// The width of a text whose capitals are 1 high.
pub(crate) fn width(text: &str) -> f64 {
    let letters = text.chars().count() as f64;
    (letters * ADVANCE - (ADVANCE - COLUMNS)).max(0.0) / ROWS
}

/// The strokes of a text that starts at 0, 0 and whose capitals are 1 high.
pub(crate) fn strokes(text: &str) -> Vec<Vec<(f64, f64)>> {
    let mut strokes = Vec::new();
    for (i, c) in text.chars().enumerate() {
        let left = i as f64 * ADVANCE;
        for stroke in letter(c).split(' ').filter(|s| !s.is_empty()) {
            strokes.push(points(stroke).map(|(x, y)| ((left + x) / ROWS, y / ROWS)).collect());
        }
    }
    strokes
}

fn points(stroke: &str) -> impl Iterator<Item = (f64, f64)> + '_ {
    let digit = |b: u8| if b == b',' { -1.0 } else { f64::from(b.wrapping_sub(b'0')) };
    stroke.as_bytes().chunks_exact(2).map(move |p| (digit(p[0]), digit(p[1])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_made_of_whole_points_on_the_grid() {
        for c in (' '..='~').chain(['\u{d7}', '\u{b0}', '\u{e9}']) {
            for stroke in letter(c).split(' ') {
                assert_eq!(stroke.len() % 2, 0, "{c}: {stroke}");
                for (x, y) in points(stroke) {
                    assert!((0.0..=COLUMNS).contains(&x) && (-1.0..=ROWS).contains(&y), "{c}: {stroke}");
                }
            }
        }
    }

    #[test]
    fn a_text_is_as_wide_as_its_letters() {
        assert_eq!(width(""), 0.0);
        assert!((width("I") - COLUMNS / ROWS).abs() < 1e-12);
        let right = strokes("HH").iter().flatten().fold(0.0, |m: f64, p| m.max(p.0));
        assert!((width("HH") - right).abs() < 1e-12);
    }
}

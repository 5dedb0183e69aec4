//! One row of a matte as runs of pixels.

use super::cells::Cells;
use super::grid::ONE;
use super::window::Window;

/// Neighbouring pixels of one row that the inside covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Run<'a> {
    /// Pixels from a column to another, not included, that are covered wholly.
    Solid(usize, usize),
    /// Coverage, 0 to 1, of pixels from a column on.
    Edge(usize, &'a [f32]),
}

/// The coverage of one row of a window. Columns count from the window's first.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    spans: &'a [Span],
    values: &'a [f32],
}

impl<'a> Row<'a> {
    /// From left to right; between them nothing is covered.
    pub fn runs(self) -> impl Iterator<Item = Run<'a>> {
        self.spans.iter().map(move |s| match s.solid {
            true => Run::Solid(s.from, s.to),
            false => Run::Edge(s.from, &self.values[s.from..s.to]),
        })
    }

    /// Whether nothing is covered.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
}

#[derive(Clone, Copy, Debug)]
struct Span {
    from: usize,
    to: usize,
    solid: bool,
}

/// The runs of a row while they are found, from left to right.
#[derive(Debug)]
pub(super) struct Runs {
    /// What was added to the open run.
    pub cells: Cells,
    begin: i64,
    end: i64,
    /// The first column after the runs so far.
    next: i64,
    /// First column, one past the last, and whether the inside lies to its left.
    open: Option<(i64, i64, bool)>,
    spans: Vec<Span>,
    values: Vec<f32>,
}

impl Runs {
    pub fn new(window: Window) -> Self {
        Runs {
            cells: Cells::new(window.x0, window.width()),
            begin: i64::from(window.x0),
            end: i64::from(window.x1),
            next: 0,
            open: None,
            spans: Vec::new(),
            values: vec![0.0; window.width()],
        }
    }

    pub fn clear(&mut self) {
        self.next = self.begin;
        self.spans.clear();
    }

    /// An edge run over the columns `from..to`, with the inside or the outside on its left. It joins the open one if
    /// they touch.
    #[inline(always)]
    pub fn open(&mut self, from: i64, to: i64, inside: bool) {
        let (from, to) = (from.max(self.begin), to.min(self.end));
        match &mut self.open {
            Some((_, end, _)) if from <= *end => *end = to.max(*end),
            _ => {
                self.close();
                self.push_solid(from, inside);
                self.open = Some((from, to, inside));
            }
        }
    }

    /// The end of the row, which is inside or outside.
    #[inline(always)]
    pub fn finish(&mut self, inside: bool) {
        self.close();
        self.push_solid(self.end, inside);
    }

    /// What was found.
    pub fn row(&self) -> Row<'_> {
        Row { spans: &self.spans, values: &self.values }
    }

    #[inline(always)]
    fn close(&mut self) {
        if let Some((from, to, inside)) = self.open.take() {
            let (from, to) = ((from - self.begin) as usize, (to - self.begin) as usize);
            self.cells.take(from, if inside { ONE as i32 } else { 0 }, &mut self.values[from..to]);
            self.spans.push(Span { from, to, solid: false });
            self.next = self.begin + to as i64;
        }
    }

    #[inline(always)]
    fn push_solid(&mut self, to: i64, inside: bool) {
        if inside && to > self.next {
            let (from, to) = ((self.next - self.begin) as usize, (to - self.begin) as usize);
            self.spans.push(Span { from, to, solid: true });
        }
    }
}

//! What a caller may choose, and what follows from it.

/// How much time a field may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quality {
    /// For previews: half the resolution, few rounds.
    Fast,
    /// For work.
    #[default]
    Balanced,
    /// For final frames.
    Best,
}

/// How [`super::estimate`] works.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Time against precision.
    pub quality: Quality,
    /// The part of the first picture whose motion is asked for. `None` is all of it. The motion elsewhere is then
    /// rough: found at a quarter of the resolution. Costs little more than the window's share of the
    /// picture, so a caller that needs the surroundings of a shape pays only for them.
    pub window: Option<Window>,
}

/// A rectangle of pixels: columns `left..right` and rows `top..bottom`. What lies outside of the picture does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// The column after the last.
    pub right: usize,
    /// The row after the last.
    pub bottom: usize,
}

/// Why there is no field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// The two pictures differ in size.
    #[error("the pictures differ in size: {}x{} and {}x{}", .a.0, .a.1, .b.0, .b.1)]
    Sizes {
        /// Width and height of the first, px.
        a: (usize, usize),
        /// Width and height of the second, px.
        b: (usize, usize),
    },
    /// The caller's `cancel` said so.
    #[error("cancelled")]
    Cancelled,
}

/// The numbers behind a [`Quality`].
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What the caller asks for, px of the full picture.
    pub window: Option<Window>,
    /// Pyramid level at which the work ends; 0 is the full picture.
    pub finest_level: usize,
    /// Distance between patches, px.
    pub stride: usize,
    /// Most gradient steps for a patch.
    pub patch_steps: usize,
    /// Times the second picture is warped anew, on the finest level that is worked on and on the others.
    pub warps: [usize; 2],
    /// Times the robust weights are found anew for a warp.
    pub reweights: usize,
    /// Solver sweeps for each set of weights.
    pub sweeps: usize,
    /// Whether the field is median filtered after each warp (Sun, Roth, Black, CVPR 2010).
    pub median: bool,
    /// Warps of the finest level after which motion edges are moved to the picture's, counted from the last.
    pub edge_filters: usize,
    /// Weight of smoothness, on the finest level that is worked on and on the others: coarse levels must not smooth
    /// a small thing's own motion away, as no finer level finds it again.
    pub smoothness: [f32; 2],
    /// Weight of brightness constancy.
    pub brightness: f32,
    /// Weight of gradient constancy.
    pub gradient: f32,
}

impl Plan {
    pub fn of(options: &Options) -> Self {
        let balanced = Plan {
            window: options.window,
            finest_level: 0,
            stride: 4,
            patch_steps: 6,
            warps: [2, 2],
            reweights: 2,
            sweeps: 5,
            median: true,
            edge_filters: 0,
            smoothness: [30.0, 10.0],
            brightness: 2.0,
            gradient: 10.0,
        };
        match options.quality {
            Quality::Fast => Plan { finest_level: 1, warps: [1, 1], reweights: 2, sweeps: 5, ..balanced },
            Quality::Balanced => balanced,
            Quality::Best => Plan {
                stride: 3,
                patch_steps: 12,
                warps: [5, 2],
                reweights: 3,
                sweeps: 4,
                edge_filters: 2,
                ..balanced
            },
        }
    }
}

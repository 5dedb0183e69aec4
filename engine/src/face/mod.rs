//! Face Roto: a character's face, learned from a handful of keyed frames and found on every frame of a shot.
//!
//! A face is a solid head with expressions. [`solid`] solves the head from the keyed pictures alone, [`prior`] says how its places
//! may move together, and [`turning`] what contours on the limb do as the head turns. On a frame, small pieces of the keyed
//! pictures are looked for around where they should be ([`matching`], by [`correlation`]), and the head and its expression are put
//! where most of them agree, each by how well it was found ([`fit`] by [`cholesky`], [`frame`]). A keyed picture proposes its own expression as
//! well, so a printed piece that is keyed once is recognised wherever it comes back. Outlines are followed along their normals too,
//! each as one path ([`rim`]), by [`ribbon`]s of the keyed pictures, by the edges that these show there
//! and by the colours on both [`sides`]. [`shot`] goes through
//! the frames from keyed ones forwards and backwards, and once more with what both neighbours show; [`held`] frames are their predecessors exactly, and
//! outlines may go to their edges in the end ([`snap`]). Frames that show the same
//! printed [`pieces`] are told, and what was seen is [`written`] beside what the artist keyed.
//! [`start`] finds the head where nothing is known, by itself or by what a [`detector`] sees. Shapes that were drawn with other points
//! on other pictures get one [`structure`] first, by a [`warp`] of one picture over the other.
//!
//! Space: px of the picture at the doors; inside, px of a [`look`], which is the picture made as small as precision allows. The
//! head's own units are such that its places are 100 from their middle, root mean square.

mod areas;
mod border;
mod camera;
mod chain;
mod cholesky;
mod correlation;
mod detector;
mod file;
mod fit;
mod frame;
mod held;
mod layout;
mod learned;
mod look;
mod matching;
mod order;
mod pieces;
mod prior;
mod progress;
mod regions;
mod ribbon;
mod rim;
mod shot;
mod sides;
mod smooth;
mod snap;
mod solid;
mod start;
mod structure;
#[cfg(test)]
mod tests;
mod turning;
mod warp;
mod written;

pub use detector::{Detected, Detector};
pub use learned::{Example, Face, FaceError};
pub use pieces::{Piece, Wanted, wanted};
pub use shot::{Analysis, FrameReport, Options, analyse};
pub use structure::Redrawn;

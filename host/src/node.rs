//! A node: an instance of an effect with its inputs, its params and its place in time.

use std::sync::Arc;

use crate::description::ParamInfo;
use crate::error::{Error, Result};
use crate::geometry::{PointD, RectD};
use crate::job::{CancelToken, RangeJob, RenderJob};
use crate::picture::Picture;
use crate::report::Message;
use crate::source::FrameSource;
use crate::value::Value;

/// The project that a node stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Region that the project's format covers, canonical.
    pub format: RectD,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// Frames a second.
    pub frame_rate: f64,
    /// First and last frame.
    pub range: (f64, f64),
}

/// A node. It is destroyed, and the plug-in told so, on drop.
pub struct Node {}

impl Node {
    /// The project, which follows the first source connected until it is set.
    pub fn project(&self) -> Project {
        Project { format: RectD::default(), pixel_aspect: 1.0, frame_rate: 24.0, range: (0.0, 0.0) }
    }

    /// Sets the project, from then on whatever is connected.
    pub fn set_project(&mut self, project: Project) {
        let _ = project;
    }

    /// The current frame.
    pub fn time(&self) -> f64 {
        0.0
    }

    /// Goes to a frame.
    pub fn set_time(&mut self, time: f64) {
        let _ = time;
    }

    /// Names of the inputs.
    pub fn inputs(&self) -> Vec<String> {
        Vec::new()
    }

    /// Connects an input, and tells the plug-in as the artist's change.
    pub fn connect(&mut self, clip: &str, source: Arc<dyn FrameSource>) -> Result<()> {
        let _ = source;
        Err(unfinished(clip))
    }

    /// Disconnects an input, and tells the plug-in.
    pub fn disconnect(&mut self, clip: &str) -> Result<()> {
        Err(unfinished(clip))
    }

    /// The params as they are now: hidden, greyed, relabelled.
    pub fn params(&self) -> Vec<ParamInfo> {
        Vec::new()
    }

    /// One param as it is now.
    pub fn param(&self, name: &str) -> Result<ParamInfo> {
        Err(unfinished(name))
    }

    /// Sets a param, or a key at the current frame where it is animated, and tells the plug-in as the artist's change.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> Result<()> {
        let _ = value.into();
        Err(unfinished(name))
    }

    /// Sets a key.
    pub fn set_at(&mut self, name: &str, time: f64, value: impl Into<Value>) -> Result<()> {
        let _ = (time, value.into());
        Err(unfinished(name))
    }

    /// Sets a param, or a key where a time is given, from a person's words: see [`Value::parse`].
    pub fn set_text(&mut self, name: &str, time: Option<f64>, text: &str) -> Result<()> {
        let _ = (time, text);
        Err(unfinished(name))
    }

    /// Sets params as on a command line: `name=value` or `name@frame=value`.
    pub fn assign(&mut self, assignment: &str) -> Result<()> {
        Err(unfinished(assignment))
    }

    /// A param's value at the current frame.
    pub fn get(&self, name: &str) -> Result<Value> {
        Err(unfinished(name))
    }

    /// A param's value at a time.
    pub fn get_at(&self, name: &str, time: f64) -> Result<Value> {
        let _ = time;
        Err(unfinished(name))
    }

    /// Times of a param's keys, rising.
    pub fn keys(&self, name: &str) -> Result<Vec<f64>> {
        Err(unfinished(name))
    }

    /// Takes a key away.
    pub fn delete_key(&mut self, name: &str, time: f64) -> Result<()> {
        let _ = time;
        Err(unfinished(name))
    }

    /// Takes all keys of a param away; it keeps its value at the current frame.
    pub fn delete_keys(&mut self, name: &str) -> Result<()> {
        Err(unfinished(name))
    }

    /// Presses a button at the current frame. Images of any time are there for the plug-in.
    pub fn press(&mut self, name: &str) -> Result<()> {
        Err(unfinished(name))
    }

    /// The message that the plug-in left in the node.
    pub fn persistent_message(&self) -> Option<Message> {
        None
    }

    /// Cancels whatever this node is doing, from any thread.
    pub fn cancel_token(&self) -> CancelToken {
        CancelToken::new()
    }

    /// Renders a frame.
    pub fn render(&self, job: &RenderJob) -> Result<Picture> {
        Err(unfinished(&job.time.to_string()))
    }

    /// Renders frames and gives them to `on_frame` in order, until it answers false.
    pub fn render_range(
        &self,
        job: &RangeJob,
        on_frame: &mut (dyn FnMut(f64, Picture) -> bool + Send),
    ) -> Result<()> {
        let _ = on_frame;
        Err(unfinished(&job.first.to_string()))
    }

    /// Region that the output covers at a time, canonical.
    pub fn region_of_definition(&self, time: f64) -> Result<RectD> {
        Err(unfinished(&time.to_string()))
    }

    /// First and last frame that the effect has something to give on.
    pub fn time_domain(&self) -> Result<(f64, f64)> {
        Err(unfinished("time"))
    }

    /// Draws the overlay onto a picture of the output.
    pub fn overlay_draw(&mut self, time: f64, picture: &mut Picture) -> Result<()> {
        let _ = (time, picture);
        Err(unfinished("overlay"))
    }

    /// Puts the pen down at a canonical place; true where the overlay took it.
    pub fn pen_down(&mut self, time: f64, place: PointD) -> Result<bool> {
        let _ = (time, place);
        Err(unfinished("overlay"))
    }

    /// Moves the pen; true where the overlay took it.
    pub fn pen_motion(&mut self, time: f64, place: PointD) -> Result<bool> {
        let _ = (time, place);
        Err(unfinished("overlay"))
    }

    /// Lifts the pen; true where the overlay took it.
    pub fn pen_up(&mut self, time: f64, place: PointD) -> Result<bool> {
        let _ = (time, place);
        Err(unfinished("overlay"))
    }

    /// Presses a key (a `kOfxKey_` symbol and its text); true where the overlay took it.
    pub fn key_down(&mut self, time: f64, symbol: i32, text: &str) -> Result<bool> {
        let _ = (time, symbol, text);
        Err(unfinished("overlay"))
    }

    /// Lifts a key; true where the overlay took it.
    pub fn key_up(&mut self, time: f64, symbol: i32, text: &str) -> Result<bool> {
        let _ = (time, symbol, text);
        Err(unfinished("overlay"))
    }

    /// What the host's project file keeps of this node.
    pub fn save_state(&self) -> Result<serde_json::Value> {
        Err(unfinished("state"))
    }

    /// Takes a project file's state, as at its loading: the plug-in is told nothing.
    pub fn restore_state(&mut self, state: &serde_json::Value) -> Result<()> {
        let _ = state;
        Err(unfinished("state"))
    }
}

fn unfinished(what: &str) -> Error {
    Error::Unsupported { what: what.to_owned(), profile: "unfinished".into() }
}

//! The trait that an effect implements.

use core::ffi::CStr;

use crate::args::{
    Changed, ClipComponents, ClipPreferences, FramesNeeded, Identity, IdentityArgs, Regions, RegionsArgs,
    RenderArgs, SequenceArgs, TimeArgs,
};
use crate::describe::{Describe, DescribeInContext};
use crate::error::Result;
use crate::geometry::{RangeD, RectD};
use crate::instance::Instance;
use crate::kinds::Context;
use crate::overlay::{KeyArgs, OverlayArgs, Pen, PenArgs};

/// Who an effect is.
#[derive(Debug, Clone, Copy)]
pub struct Info {
    /// Unique and for ever: projects refer to it. `org.splitline.Motion2Roto`, for instance.
    pub identifier: &'static CStr,
    /// Major (breaks projects) and minor version.
    pub version: (u32, u32),
    /// The name that artists read.
    pub label: &'static CStr,
    /// The menu that it is in; `/` makes submenus.
    pub group: &'static CStr,
    /// What it does, for the host's help.
    pub help: &'static CStr,
}

/// An effect: one value of the type for each node of the artist's.
///
/// Everything may be called from several threads at once, as far as [`Describe::thread_safety`] allows the host, so
/// state lies behind locks or atomics. A panic is caught, logged and shown to the artist; it never reaches the host.
///
/// Loading and describing happen for every frame in MLT: nothing heavy there.
pub trait Effect: Sized + Send + Sync + 'static {
    /// Who it is.
    const INFO: Info;

    /// Whether it draws into the viewer; if so, the overlay functions are called.
    const OVERLAY: bool = false;

    /// Says what the effect is: contexts, depths, abilities.
    fn describe(d: &mut Describe<'_>) -> Result<()>;

    /// Says which clips and params it has in a context.
    fn describe_in_context(d: &mut DescribeInContext<'_>, context: Context) -> Result<()>;

    /// Makes the effect's own state for a new node. Params must not be set here (Nuke crashes), only shown or hidden.
    ///
    /// After an error the node lives on, and shows the error whenever it is asked to render.
    fn create(instance: &Instance) -> Result<Self>;

    /// Makes a frame.
    fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()>;

    /// Several frames are going to be rendered.
    fn begin_sequence_render(&self, instance: &Instance, args: &SequenceArgs) -> Result<()> {
        let _ = (instance, args);
        Ok(())
    }

    /// They have been.
    fn end_sequence_render(&self, instance: &Instance, args: &SequenceArgs) -> Result<()> {
        let _ = (instance, args);
        Ok(())
    }

    /// How large the output is on a frame, canonical; `None` for the host's default.
    fn region_of_definition(&self, instance: &Instance, args: &TimeArgs) -> Result<Option<RectD>> {
        let _ = (instance, args);
        Ok(None)
    }

    /// Which parts of the inputs are needed; what is not set is the host's default.
    fn regions_of_interest(
        &self,
        instance: &Instance,
        args: &RegionsArgs,
        regions: &mut Regions<'_>,
    ) -> Result<()> {
        let _ = (instance, args, regions);
        Ok(())
    }

    /// Which frames of the inputs are needed; what is not set is the current one. Not called by MLT.
    fn frames_needed(
        &self,
        instance: &Instance,
        args: &TimeArgs,
        frames: &mut FramesNeeded<'_>,
    ) -> Result<()> {
        let _ = (instance, args, frames);
        Ok(())
    }

    /// Whether the output is simply a frame of an input. Not called by MLT.
    fn is_identity(&self, instance: &Instance, args: &IdentityArgs) -> Result<Option<Identity>> {
        let _ = (instance, args);
        Ok(None)
    }

    /// What the clips are wanted as, and what the output is.
    fn clip_preferences(&self, instance: &Instance, preferences: &mut ClipPreferences<'_>) -> Result<()> {
        let _ = (instance, preferences);
        Ok(())
    }

    /// Which planes of the inputs are needed and which the output has (Nuke, Natron).
    fn clip_components(
        &self,
        instance: &Instance,
        args: &TimeArgs,
        components: &mut ClipComponents<'_>,
    ) -> Result<()> {
        let _ = (instance, args, components);
        Ok(())
    }

    /// On which frames a general or generator effect makes something.
    fn time_domain(&self, instance: &Instance) -> Result<Option<RangeD>> {
        let _ = instance;
        Ok(None)
    }

    /// A param (a button, too), a clip or the time changed. Never called by MLT.
    fn changed(&self, instance: &Instance, change: &Changed) -> Result<()> {
        let _ = (instance, change);
        Ok(())
    }

    /// Several changes are coming.
    fn begin_changed(&self, instance: &Instance) -> Result<()> {
        let _ = instance;
        Ok(())
    }

    /// They have come.
    fn end_changed(&self, instance: &Instance) -> Result<()> {
        let _ = instance;
        Ok(())
    }

    /// The artist opened the effect's panel.
    fn begin_edit(&self, instance: &Instance) -> Result<()> {
        let _ = instance;
        Ok(())
    }

    /// The artist closed it.
    fn end_edit(&self, instance: &Instance) -> Result<()> {
        let _ = instance;
        Ok(())
    }

    /// The project is being saved: what is in memory must go to params now. Not called by MLT.
    fn sync_private_data(&self, instance: &Instance) -> Result<()> {
        let _ = instance;
        Ok(())
    }

    /// Memory is short.
    fn purge_caches(&self, instance: &Instance) -> Result<()> {
        let _ = instance;
        Ok(())
    }

    /// The params whose changes redraw the overlay.
    fn overlay_params() -> &'static [&'static CStr] {
        &[]
    }

    /// Draws into the viewer, canonical coordinates.
    fn overlay_draw(&self, instance: &Instance, args: &OverlayArgs<'_>, pen: &mut dyn Pen) -> Result<()> {
        let _ = (instance, args, pen);
        Ok(())
    }

    /// The pen (mouse button) went down. True if the event is used up, here and below.
    fn pen_down(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        let _ = (instance, args);
        Ok(false)
    }

    /// The pen moved, down or up.
    fn pen_motion(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        let _ = (instance, args);
        Ok(false)
    }

    /// The pen went up.
    fn pen_up(&self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        let _ = (instance, args);
        Ok(false)
    }

    /// A key went down.
    fn key_down(&self, instance: &Instance, args: &KeyArgs<'_>) -> Result<bool> {
        let _ = (instance, args);
        Ok(false)
    }

    /// A key went up.
    fn key_up(&self, instance: &Instance, args: &KeyArgs<'_>) -> Result<bool> {
        let _ = (instance, args);
        Ok(false)
    }

    /// A key is held.
    fn key_repeat(&self, instance: &Instance, args: &KeyArgs<'_>) -> Result<bool> {
        let _ = (instance, args);
        Ok(false)
    }

    /// The viewer sends events from now on.
    fn gain_focus(&self, instance: &Instance, args: &OverlayArgs<'_>) -> Result<bool> {
        let _ = (instance, args);
        Ok(false)
    }

    /// The viewer sends no more events.
    fn lose_focus(&self, instance: &Instance, args: &OverlayArgs<'_>) -> Result<bool> {
        let _ = (instance, args);
        Ok(false)
    }
}

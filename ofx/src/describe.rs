//! Describing an effect: what it is, and which clips and params it has.

use core::ffi::{CStr, c_void};
use core::ptr;
use std::collections::HashMap;
use std::ffi::CString;

use ofx_sys as sys;

use crate::error::{Error, Result, check};
use crate::geometry::PointD;
use crate::handle::{Effect as EffectHandle, ParamSet, Props};
use crate::host::{ApiVersion, Host};
use crate::kinds::{Components, Context, Depth, ThreadSafety};
use crate::param::{Group, Page, Param, ParamProps, Parametric};
use crate::props::{PropertySet, optional};

/// What an effect is. Every setting has a default: filter and general, all depths, tiles, any size, this frame only,
/// fully thread safe.
pub struct Describe<'h> {
    host: &'h Host,
    props: PropertySet<'h>,
    settings: Settings,
}

struct Settings {
    contexts: Vec<Context>,
    depths: Vec<Depth>,
    tiles: bool,
    multi_resolution: bool,
    temporal_access: bool,
    multiple_clip_depths: bool,
    multiple_clip_pars: bool,
    thread_safety: ThreadSafety,
    host_frame_threading: bool,
    single_instance: bool,
    render_twice: bool,
    sequential: Sequential,
    multi_planar: bool,
    slaves: Vec<CString>,
}

/// Whether frames must come in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequential {
    /// They need not.
    No,
    /// They must.
    Required,
    /// It is better.
    Preferred,
}

impl<'h> Describe<'h> {
    pub(crate) fn new(host: &'h Host, props: PropertySet<'h>) -> Self {
        let settings = Settings {
            contexts: vec![Context::Filter, Context::General],
            depths: vec![Depth::Float, Depth::Half, Depth::Short, Depth::Byte],
            tiles: true,
            multi_resolution: true,
            temporal_access: false,
            multiple_clip_depths: false,
            multiple_clip_pars: false,
            thread_safety: ThreadSafety::FullySafe,
            host_frame_threading: false,
            single_instance: false,
            render_twice: false,
            sequential: Sequential::No,
            multi_planar: false,
            slaves: Vec::new(),
        };
        Self { host, props, settings }
    }

    /// The host that asks.
    pub fn host(&self) -> &'h Host {
        self.host
    }

    /// The descriptor's own properties, for what this crate has no name for.
    pub fn properties(&self) -> PropertySet<'h> {
        self.props
    }

    /// What it can be used as.
    pub fn contexts(&mut self, contexts: &[Context]) -> &mut Self {
        self.settings.contexts = contexts.to_vec();
        self
    }

    /// Which depths it reads and writes. Depths that the host lacks are left out.
    pub fn depths(&mut self, depths: &[Depth]) -> &mut Self {
        self.settings.depths = depths.to_vec();
        self
    }

    /// Whether it can make a part of its output from parts of its inputs.
    pub fn tiles(&mut self, yes: bool) -> &mut Self {
        self.settings.tiles = yes;
        self
    }

    /// Whether its images may have different sizes.
    pub fn multi_resolution(&mut self, yes: bool) -> &mut Self {
        self.settings.multi_resolution = yes;
        self
    }

    /// Whether it reads other frames than the one it makes.
    pub fn temporal_access(&mut self, yes: bool) -> &mut Self {
        self.settings.temporal_access = yes;
        self
    }

    /// Whether its clips may have different depths.
    pub fn multiple_clip_depths(&mut self, yes: bool) -> &mut Self {
        self.settings.multiple_clip_depths = yes;
        self
    }

    /// Whether its clips may have different pixel aspect ratios.
    pub fn multiple_clip_pars(&mut self, yes: bool) -> &mut Self {
        self.settings.multiple_clip_pars = yes;
        self
    }

    /// How many threads may render at once.
    pub fn thread_safety(&mut self, safety: ThreadSafety) -> &mut Self {
        self.settings.thread_safety = safety;
        self
    }

    /// Whether the host may cut a frame into pieces and render them at once.
    pub fn host_frame_threading(&mut self, yes: bool) -> &mut Self {
        self.settings.host_frame_threading = yes;
        self
    }

    /// Whether there may be only one instance.
    pub fn single_instance(&mut self, yes: bool) -> &mut Self {
        self.settings.single_instance = yes;
        self
    }

    /// Whether each field of an interlaced frame is rendered by itself.
    pub fn field_render_twice(&mut self, yes: bool) -> &mut Self {
        self.settings.render_twice = yes;
        self
    }

    /// Whether frames should come in order.
    pub fn sequential(&mut self, sequential: Sequential) -> &mut Self {
        self.settings.sequential = sequential;
        self
    }

    /// Whether it reads or makes several planes of a clip (Nuke, Natron): then [`clip_components`](crate::Effect::clip_components) must
    /// say which, and what it does not make passes through.
    pub fn multi_planar(&mut self, yes: bool) -> &mut Self {
        self.settings.multi_planar = yes;
        self
    }

    /// A change of this param makes the host ask for the clip preferences again.
    pub fn clip_preferences_follow(&mut self, param: &impl Param) -> &mut Self {
        self.settings.slaves.push(param.name().to_owned());
        self
    }

    /// Tells the host.
    pub(crate) fn finish(self, info: &crate::Info) -> Result<()> {
        let (p, s, caps) = (&self.props, &self.settings, self.host.capabilities());
        let since = |major, minor| self.host.api() >= ApiVersion(major, minor);
        p.set_string(sys::kOfxPropLabel, 0, info.label)?;
        optional(p.set_string(sys::kOfxPropShortLabel, 0, info.label));
        optional(p.set_string(sys::kOfxPropLongLabel, 0, info.label));
        optional(p.set_string(sys::kOfxImageEffectPluginPropGrouping, 0, info.group));
        if since(1, 2) {
            optional(p.set_string(sys::kOfxPropPluginDescription, 0, info.help));
        }
        let contexts = Host::supported(&s.contexts, &caps.contexts);
        let contexts: Vec<_> = contexts.into_iter().map(Context::to_name).collect();
        p.set_strings(sys::kOfxImageEffectPropSupportedContexts, &contexts)?;
        let depths = Host::supported(&s.depths, &caps.depths).into_iter();
        // A host of before 1.4 that does not list its depths has no half.
        let depths = depths.filter(|d| *d != Depth::Half || since(1, 4) || caps.depths.contains(d));
        let depths: Vec<_> = depths.map(Depth::to_name).collect();
        p.set_strings(sys::kOfxImageEffectPropSupportedPixelDepths, &depths)?;

        let yes = |name: &CStr, on: bool| optional(p.set_int(name, 0, on.into()));
        yes(sys::kOfxImageEffectPluginPropSingleInstance, s.single_instance);
        yes(sys::kOfxImageEffectPluginPropHostFrameThreading, s.host_frame_threading);
        yes(sys::kOfxImageEffectPropSupportsMultiResolution, s.multi_resolution);
        yes(sys::kOfxImageEffectPropSupportsTiles, s.tiles);
        yes(sys::kOfxImageEffectPropTemporalClipAccess, s.temporal_access);
        yes(sys::kOfxImageEffectPluginPropFieldRenderTwiceAlways, s.render_twice);
        yes(sys::kOfxImageEffectPropSupportsMultipleClipDepths, s.multiple_clip_depths);
        yes(sys::kOfxImageEffectPropSupportsMultipleClipPARs, s.multiple_clip_pars);
        let safety = s.thread_safety.to_name();
        optional(p.set_string(sys::kOfxImageEffectPluginRenderThreadSafety, 0, safety));
        if s.sequential != Sequential::No {
            let value = if s.sequential == Sequential::Required { 1 } else { 2 };
            optional(p.set_int(sys::kOfxImageEffectInstancePropSequentialRender, 0, value));
        }
        if s.multi_planar && caps.multi_planar {
            yes(sys::kFnOfxImageEffectPropMultiPlanar, true);
            yes(sys::kFnOfxImageEffectPropPassThroughComponents, true);
        }
        for (i, name) in s.slaves.iter().enumerate() {
            optional(p.set_string(sys::kOfxImageEffectPropClipPreferencesSlaveParam, i, name));
        }
        Ok(())
    }

    /// Hands the overlay's entry points to the host.
    pub(crate) fn overlay(&self, opengl: sys::OfxPluginEntryPoint, draw_suite: sys::OfxPluginEntryPoint) {
        if !self.host.capabilities().overlays {
            return;
        }
        let pointer = |f: sys::OfxPluginEntryPoint| f.map_or(ptr::null_mut(), |f| f as *mut c_void);
        // SAFETY: OpenFX defines both properties as pointers to functions of exactly this type.
        unsafe {
            let v1 = sys::kOfxImageEffectPluginPropOverlayInteractV1;
            optional(self.props.set_pointer(v1, 0, pointer(opengl)));
            if self.host.has_draw_suite() {
                let v2 = sys::kOfxImageEffectPluginPropOverlayInteractV2;
                optional(self.props.set_pointer(v2, 0, pointer(draw_suite)));
            }
        }
    }
}

/// A clip: an input, or the output. Declared as a constant.
#[derive(Debug, Clone, Copy)]
pub struct ClipSpec<'a> {
    name: &'a CStr,
    label: Option<&'a CStr>,
    components: &'a [Components],
    optional: bool,
    mask: bool,
    temporal: bool,
    tiles: bool,
}

impl<'a> ClipSpec<'a> {
    /// A required clip of RGBA, RGB or alpha.
    pub const fn new(name: &'a CStr) -> Self {
        Self {
            name,
            label: None,
            components: &[Components::Rgba, Components::Rgb, Components::Alpha],
            optional: false,
            mask: false,
            temporal: false,
            tiles: true,
        }
    }

    /// The input that every filter has.
    pub const fn source() -> Self {
        ClipSpec::new(sys::kOfxImageEffectSimpleSourceClipName)
    }

    /// The output, which every effect has.
    pub const fn output() -> Self {
        ClipSpec::new(sys::kOfxImageEffectOutputClipName)
    }

    /// The name that artists read, if it is not the clip's own.
    pub const fn label(mut self, label: &'a CStr) -> Self {
        self.label = Some(label);
        self
    }

    /// What its pixels may be; those that the host lacks are left out.
    pub const fn components(mut self, components: &'a [Components]) -> Self {
        self.components = components;
        self
    }

    /// It need not be connected.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// It is a mask.
    pub const fn mask(mut self) -> Self {
        self.mask = true;
        self
    }

    /// Other frames of it than the current one are read.
    pub const fn temporal(mut self) -> Self {
        self.temporal = true;
        self
    }

    /// It is wanted whole.
    pub const fn no_tiles(mut self) -> Self {
        self.tiles = false;
        self
    }

    /// The name.
    pub const fn name(&self) -> &'a CStr {
        self.name
    }
}

impl AsRef<CStr> for ClipSpec<'_> {
    fn as_ref(&self) -> &CStr {
        self.name
    }
}

/// What instances need to know of how they were described.
#[derive(Debug, Default)]
pub(crate) struct Described {
    /// The type of each param.
    pub(crate) kinds: HashMap<CString, &'static CStr>,
    /// Params to hide: Nuke never reveals what was described as secret.
    pub(crate) secret: Vec<CString>,
    /// Defaults as parts of the project's window, where the host does not know such.
    pub(crate) positions: Vec<(CString, PointD)>,
}

/// Which clips and params an effect has in a context.
pub struct DescribeInContext<'h> {
    host: &'h Host,
    effect: EffectHandle,
    params: ParamSet,
    group: Option<CString>,
    page: Option<(PropertySet<'h>, usize)>,
    described: Described,
}

impl<'h> DescribeInContext<'h> {
    pub(crate) fn new(host: &'h Host, effect: EffectHandle) -> Result<Self> {
        Ok(Self {
            params: crate::instance::param_set(host, effect)?,
            host,
            effect,
            group: None,
            page: None,
            described: Described::default(),
        })
    }

    /// The host that asks.
    pub fn host(&self) -> &'h Host {
        self.host
    }

    pub(crate) fn finish(self) -> Described {
        let limit = self.host.capabilities().max_params;
        let count = self.described.kinds.len();
        if limit > 0 && count > limit as usize {
            log::warn!("{count} params, but {} takes {limit}", self.host.label());
        }
        self.described
    }

    /// Defines a clip.
    pub fn clip(&mut self, clip: &ClipSpec<'_>) -> Result<()> {
        let what = || format!("defining the clip {}", clip.name.to_string_lossy());
        let define = self.host.suites.effect.clipDefine.ok_or_else(|| Error::no_function("clipDefine"))?;
        let mut raw = ptr::null_mut();
        // SAFETY: the host's own function and descriptor; name and reply pointer live through the call.
        let status = unsafe { define(self.effect.raw(), clip.name.as_ptr(), &raw mut raw) };
        check(status, what)?;
        let handle = Props::new(raw).ok_or_else(|| Error::host(what(), sys::kOfxStatErrBadHandle))?;
        let p = self.host.props(handle);
        if let Some(label) = clip.label {
            optional(p.set_string(sys::kOfxPropLabel, 0, label));
        }
        let components = Host::supported(clip.components, &self.host.capabilities().components);
        let names: Vec<_> = components.into_iter().filter_map(Components::to_name).collect();
        p.set_strings(sys::kOfxImageEffectPropSupportedComponents, &names)?;
        let yes = |name: &CStr, on: bool| optional(p.set_int(name, 0, on.into()));
        yes(sys::kOfxImageClipPropOptional, clip.optional);
        yes(sys::kOfxImageClipPropIsMask, clip.mask);
        yes(sys::kOfxImageEffectPropTemporalClipAccess, clip.temporal);
        yes(sys::kOfxImageEffectPropSupportsTiles, clip.tiles);
        Ok(())
    }

    /// Defines a param, in the group and page that are open.
    pub fn define(&mut self, param: &impl Param) -> Result<()> {
        let props = self.define_props(param)?;
        if let Some((page, children)) = &mut self.page {
            optional(page.set_string(sys::kOfxParamPropPageChild, *children, param.name()));
            *children += 1;
        }
        param.describe(&ParamProps { props, host: self.host })
    }

    /// Defines a parametric param, with its points. Does nothing (and says so) in hosts without such.
    pub fn define_parametric(&mut self, param: &Parametric<'_>) -> Result<bool> {
        let Some(suite) = self.host.suites.parametric else { return Ok(false) };
        self.define(param)?;
        let raw = crate::instance::find_param(self.host, self.params, param.name())?;
        let Some(add) = suite.parametricParamAddControlPoint else { return Ok(true) };
        for curve in 0..param.curves.len() as i32 {
            for &(x, y) in param.points {
                // SAFETY: the host's own function with the handle of the param that it has just defined.
                let status = unsafe { add(raw.handle.raw(), curve, 0.0, x, y, false) };
                optional(check(status, || "adding a control point"));
            }
        }
        Ok(true)
    }

    /// Defines a group, and the params in it.
    pub fn group(&mut self, group: &Group<'_>, params: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let props = self.define_props(group)?;
        group.describe(&ParamProps { props, host: self.host })?;
        let outer = self.group.replace(group.name().to_owned());
        let result = params(self);
        self.group = outer;
        result
    }

    /// Defines a page, and the params on it.
    pub fn page(&mut self, page: &Page<'_>, params: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let props = self.define_props(page)?;
        page.describe(&ParamProps { props, host: self.host })?;
        let outer = self.page.replace((props, 0));
        let result = params(self);
        self.page = outer;
        result
    }

    fn define_props(&mut self, param: &impl Param) -> Result<PropertySet<'h>> {
        let common = param.common();
        let what = || format!("defining the param {}", common.name.to_string_lossy());
        // Twice the same name empties Nuke's whole panel.
        if self.described.kinds.insert(common.name.to_owned(), param.kind()).is_some() {
            return Err(Error::host(what(), sys::kOfxStatErrExists));
        }
        let define = self.host.suites.param.paramDefine.ok_or_else(|| Error::no_function("paramDefine"))?;
        let mut raw = ptr::null_mut();
        // SAFETY: the host's own function and param set; type, name and reply pointer live through the call.
        let status =
            unsafe { define(self.params.raw(), param.kind().as_ptr(), common.name.as_ptr(), &raw mut raw) };
        check(status, what)?;
        let handle = Props::new(raw).ok_or_else(|| Error::host(what(), sys::kOfxStatErrBadHandle))?;
        let p = self.host.props(handle);
        p.set_string(sys::kOfxPropLabel, 0, common.label)?;
        optional(p.set_string(sys::kOfxPropShortLabel, 0, common.label));
        optional(p.set_string(sys::kOfxPropLongLabel, 0, common.label));
        optional(p.set_string(sys::kOfxParamPropScriptName, 0, common.name));
        if let Some(help) = common.help {
            optional(p.set_string(sys::kOfxParamPropHint, 0, help));
        }
        if let Some(group) = &self.group {
            optional(p.set_string(sys::kOfxParamPropParent, 0, group));
        }
        if !common.enabled {
            optional(p.set_int(sys::kOfxParamPropEnabled, 0, 0));
        }
        match common.secret {
            crate::param::Secret::No => {}
            crate::param::Secret::AtFirst if self.host.is_nuke() => {
                self.described.secret.push(common.name.to_owned());
            }
            _ => optional(p.set_int(sys::kOfxParamPropSecret, 0, 1)),
        }
        if let Some(position) = param.normalised_default()
            && !self.host.knows_normalised_defaults()
        {
            self.described.positions.push((common.name.to_owned(), position));
        }
        Ok(p)
    }
}

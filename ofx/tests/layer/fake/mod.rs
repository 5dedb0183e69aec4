//! A host small enough to break in every way.

mod effects;
mod images;
mod params;
mod props;
mod suites;

use core::cell::RefCell;
use core::ffi::{CStr, c_void};
use std::collections::HashSet;
use std::rc::{Rc, Weak};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ofx::Effect;
use ofx_sys as sys;

pub use effects::FakeEffect;
pub use images::FakeImage;
pub use params::ECHO;
pub use props::{Props, Value};

/// A stateless filter; `also` holds more of the trait's functions.
macro_rules! effect {
    ($name:ident { $($also:tt)* }) => {
        struct $name;

        impl ofx::Effect for $name {
            const INFO: ofx::Info = ofx::Info {
                identifier: c"org.example.test",
                version: (1, 2),
                label: c"Test",
                group: c"Tests",
                help: c"For tests.",
            };

            fn create(_: &ofx::Instance) -> ofx::Result<Self> {
                Ok(Self)
            }

            crate::fake::effect_body! { $($also)* }
        }
    };
}
pub(crate) use effect;

/// Fills in what a test leaves out: `describe_in_context` with source and output unless it comes first.
macro_rules! effect_body {
    (params($d:ident) $params:block $($also:tt)*) => {
        fn describe(_: &mut ofx::Describe<'_>) -> ofx::Result<()> {
            Ok(())
        }

        fn describe_in_context($d: &mut ofx::DescribeInContext<'_>, _: ofx::Context) -> ofx::Result<()> {
            $d.clip(&ofx::ClipSpec::source())?;
            $d.clip(&ofx::ClipSpec::output())?;
            $params
            Ok(())
        }

        $($also)*
    };
    ($($also:tt)*) => {
        crate::fake::effect_body! { params(d) {} $($also)* }
    };
}
pub(crate) use effect_body;

/// What the host was asked to do outside of images and params.
#[derive(Default)]
pub struct Record {
    pub messages: Mutex<Vec<(String, String)>>,
    pub cleared: Mutex<usize>,
    pub progress: Mutex<Vec<String>>,
    pub drawn: Mutex<Vec<String>>,
    pub edits: Mutex<Vec<String>>,
}

/// The host. Everything in it is leaked: tests are short.
pub struct FakeHost {
    pub props: &'static Props,
    pub record: Arc<Record>,
    raw: &'static mut sys::OfxHost,
    _turn: Rc<Turn>,
}

/// An effect type has one host at a time, so tests take turns.
struct Turn(#[expect(dead_code, reason = "held, not looked at")] MutexGuard<'static, ()>);

impl Turn {
    fn take() -> Rc<Self> {
        static LOCK: Mutex<()> = Mutex::new(());
        std::thread_local! {
            static MINE: RefCell<Weak<Turn>> = const { RefCell::new(Weak::new()) };
        }
        MINE.with_borrow_mut(|mine| {
            mine.upgrade().unwrap_or_else(|| {
                let turn = Rc::new(Self(LOCK.lock().unwrap_or_else(PoisonError::into_inner)));
                *mine = Rc::downgrade(&turn);
                turn
            })
        })
    }
}

impl FakeHost {
    pub fn new(name: &str) -> Self {
        Self::with(name, (1, 4), &[])
    }

    /// A host of an API version without some suites (`OfxMessageSuite2` is version 2).
    pub fn with(name: &str, api: (i32, i32), missing: &[&str]) -> Self {
        let _turn = Turn::take();
        let props = Props::leak();
        let record: Arc<Record> = Arc::default();
        props.set(sys::kOfxPropName, name);
        props.set(sys::kOfxPropLabel, name);
        props.set_all(sys::kOfxPropAPIVersion, &[Value::Int(api.0), Value::Int(api.1)]);
        for yes in [
            sys::kOfxImageEffectPropSupportsOverlays,
            sys::kOfxImageEffectPropSupportsTiles,
            sys::kOfxImageEffectPropSupportsMultiResolution,
            sys::kOfxImageEffectPropTemporalClipAccess,
            sys::kOfxParamHostPropSupportsBooleanAnimation,
            sys::kOfxParamHostPropSupportsChoiceAnimation,
        ] {
            props.set(yes, 1);
        }
        props.attach(Arc::clone(&record), missing.iter().map(|s| (*s).to_owned()).collect::<HashSet<_>>());
        let raw = sys::OfxHost { host: props.handle(), fetchSuite: Some(suites::fetch) };
        Self { props, record, raw: Box::leak(Box::new(raw)), _turn }
    }

    /// Loads a plug-in.
    pub fn load<E: Effect>(&mut self) -> Plugin {
        let plugin = Plugin::of::<E>();
        plugin.set_host(self.raw);
        assert_eq!(plugin.action(sys::kOfxActionLoad, None, None, None), sys::kOfxStatOK);
        plugin
    }

    pub fn raw(&mut self) -> *mut sys::OfxHost {
        self.raw
    }

    /// An effect, described and created, in the filter context.
    pub fn instance<E: Effect>(&mut self) -> (Plugin, &'static FakeEffect) {
        let plugin = self.load::<E>();
        let effect = self.described(&plugin, sys::kOfxImageEffectContextFilter);
        assert_eq!(plugin.create(effect), sys::kOfxStatOK);
        (plugin, effect)
    }

    /// An effect on which describe and describe in context were called.
    pub fn described(&self, plugin: &Plugin, context: &CStr) -> &'static FakeEffect {
        let effect = self.blank(context);
        assert_eq!(plugin.describe(effect), sys::kOfxStatOK);
        assert_eq!(plugin.describe_in_context(effect, context), sys::kOfxStatOK);
        effect
    }

    /// Descriptor and instance in one.
    pub fn blank(&self, context: &CStr) -> &'static FakeEffect {
        FakeEffect::leak(context, Arc::clone(&self.record))
    }
}

/// A plug-in as a host sees it.
pub struct Plugin(sys::OfxPlugin);

impl Plugin {
    pub fn of<E: Effect>() -> Self {
        Self(ofx::export::plugin::<E>())
    }

    pub fn set_host(&self, host: *mut sys::OfxHost) {
        // SAFETY: null or a leaked host.
        unsafe { self.0.setHost.unwrap()(host) }
    }

    pub fn action(
        &self,
        action: &CStr,
        effect: Option<&FakeEffect>,
        in_args: Option<&Props>,
        out_args: Option<&Props>,
    ) -> i32 {
        let handle = effect.map_or(core::ptr::null(), |e| core::ptr::from_ref(e).cast::<c_void>());
        let props = |p: Option<&Props>| p.map_or(core::ptr::null_mut(), Props::handle);
        // SAFETY: live objects of this host, or null.
        unsafe { self.0.mainEntry.unwrap()(action.as_ptr(), handle, props(in_args), props(out_args)) }
    }

    /// With any pointer as the action.
    pub fn raw_action(&self, action: *const core::ffi::c_char, handle: *const c_void) -> i32 {
        let null = core::ptr::null_mut();
        // SAFETY: the point of the test is that nulls are checked.
        unsafe { self.0.mainEntry.unwrap()(action, handle, null, null) }
    }

    pub fn describe(&self, effect: &FakeEffect) -> i32 {
        self.action(sys::kOfxActionDescribe, Some(effect), None, None)
    }

    pub fn describe_in_context(&self, effect: &FakeEffect, context: &CStr) -> i32 {
        let args = Props::leak();
        args.set(sys::kOfxImageEffectPropContext, context);
        self.action(sys::kOfxImageEffectActionDescribeInContext, Some(effect), Some(args), None)
    }

    pub fn create(&self, effect: &FakeEffect) -> i32 {
        self.action(sys::kOfxActionCreateInstance, Some(effect), None, None)
    }

    pub fn destroy(&self, effect: &FakeEffect) -> i32 {
        self.action(sys::kOfxActionDestroyInstance, Some(effect), None, None)
    }

    pub fn render(&self, effect: &FakeEffect, window: [i32; 4]) -> i32 {
        self.action(sys::kOfxImageEffectActionRender, Some(effect), Some(time_args(window)), None)
    }

    /// A change by the artist.
    pub fn changed(&self, effect: &FakeEffect, param: &CStr) -> i32 {
        let args = changed_args(param);
        self.action(sys::kOfxActionInstanceChanged, Some(effect), Some(args), None)
    }
}

/// Frame 1 at full scale.
pub fn time_args(window: [i32; 4]) -> &'static Props {
    let args = Props::leak();
    args.set(sys::kOfxPropTime, 1.0);
    args.set_all(sys::kOfxImageEffectPropRenderScale, &[Value::Double(1.0), Value::Double(1.0)]);
    args.set_all(sys::kOfxImageEffectPropRenderWindow, &window.map(Value::Int));
    args.set(sys::kOfxImageEffectPropFieldToRender, sys::kOfxImageFieldNone);
    args.set_all(sys::kOfxImageEffectPropRegionOfInterest, &window.map(|v| Value::Double(v.into())));
    args
}

pub fn changed_args(param: &CStr) -> &'static Props {
    let args = time_args([0; 4]);
    args.set(sys::kOfxPropType, sys::kOfxTypeParameter);
    args.set(sys::kOfxPropName, param);
    args.set(sys::kOfxPropChangeReason, sys::kOfxChangeUserEdited);
    args
}

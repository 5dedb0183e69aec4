//! OpenFX's named kinds: contexts, depths, components, fields, premultiplication, thread safety.

use core::ffi::CStr;

use ofx_sys as sys;

/// An enum whose variants are OpenFX strings.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $name:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$vdoc])* $variant,)+ }

        impl $type {
            /// OpenFX's name.
            pub const fn to_name(self) -> &'static CStr {
                match self { $(Self::$variant => sys::$name,)+ }
            }

            /// From OpenFX's name.
            pub fn from_name(name: &CStr) -> Option<Self> {
                $(if name == sys::$name { return Some(Self::$variant); })+
                None
            }
        }
    };
}

named! {
    /// What an effect is used as.
    Context {
        /// Makes pictures from nothing.
        Generator = kOfxImageEffectContextGenerator,
        /// One input, "Source", one output.
        Filter = kOfxImageEffectContextFilter,
        /// From "SourceFrom" to "SourceTo".
        Transition = kOfxImageEffectContextTransition,
        /// A filter with a "Brush" mask.
        Paint = kOfxImageEffectContextPaint,
        /// Any inputs.
        General = kOfxImageEffectContextGeneral,
        /// Changes time.
        Retimer = kOfxImageEffectContextRetimer,
    }
}

named! {
    /// How a channel of a pixel is stored.
    Depth {
        /// 8 bits, 255 is one.
        Byte = kOfxBitDepthByte,
        /// 16 bits, 65535 is one.
        Short = kOfxBitDepthShort,
        /// 16-bit float.
        Half = kOfxBitDepthHalf,
        /// 32-bit float.
        Float = kOfxBitDepthFloat,
    }
}

impl Depth {
    /// Bytes of a channel.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Short | Self::Half => 2,
            Self::Float => 4,
        }
    }
}

named! {
    /// Which fields an image has, or a render is to make.
    Field {
        /// Whole frames; no fields.
        None = kOfxImageFieldNone,
        /// The even rows.
        Lower = kOfxImageFieldLower,
        /// The odd rows.
        Upper = kOfxImageFieldUpper,
        /// Both, in one frame.
        Both = kOfxImageFieldBoth,
        /// One field, squeezed into half the height.
        Single = kOfxImageFieldSingle,
        /// One field, each row doubled.
        Doubled = kOfxImageFieldDoubled,
    }
}

named! {
    /// How colour and alpha are related.
    Premult {
        /// No transparency.
        Opaque = kOfxImageOpaque,
        /// Colour is multiplied by alpha.
        Premultiplied = kOfxImagePreMultiplied,
        /// Colour is not multiplied by alpha.
        Unpremultiplied = kOfxImageUnPreMultiplied,
    }
}

named! {
    /// How many threads may render at once.
    ThreadSafety {
        /// One in the whole process. MLT then keeps instances between frames.
        Unsafe = kOfxImageEffectRenderUnsafe,
        /// One an instance.
        InstanceSafe = kOfxImageEffectRenderInstanceSafe,
        /// Any number.
        FullySafe = kOfxImageEffectRenderFullySafe,
    }
}

/// Natron's two-channel images.
const NATRON_XY: &CStr = c"NatronOfxImageComponentXY";

/// What the channels of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Components {
    /// Red, green, blue, alpha.
    Rgba,
    /// Red, green, blue.
    Rgb,
    /// Alpha.
    Alpha,
    /// Nuke's motion vectors: x, y.
    MotionVectors,
    /// Nuke's stereo disparity: x, y.
    StereoDisparity,
    /// Natron's x, y.
    Xy,
    /// Channels of a plane of Natron's, this many (1 to 4).
    Custom(u8),
}

impl Components {
    /// OpenFX's name; none for [`Components::Custom`].
    pub const fn to_name(self) -> Option<&'static CStr> {
        match self {
            Self::Rgba => Some(sys::kOfxImageComponentRGBA),
            Self::Rgb => Some(sys::kOfxImageComponentRGB),
            Self::Alpha => Some(sys::kOfxImageComponentAlpha),
            Self::MotionVectors => Some(sys::kFnOfxImageComponentMotionVectors),
            Self::StereoDisparity => Some(sys::kFnOfxImageComponentStereoDisparity),
            Self::Xy => Some(NATRON_XY),
            Self::Custom(_) => None,
        }
    }

    /// From OpenFX's name. None for `kOfxImageComponentNone` and what is unknown.
    pub fn from_name(name: &CStr) -> Option<Self> {
        for known in
            [Self::Rgba, Self::Rgb, Self::Alpha, Self::MotionVectors, Self::StereoDisparity, Self::Xy]
        {
            if known.to_name() == Some(name) {
                return Some(known);
            }
        }
        crate::plane::channels(name.to_str().ok()?).map(Self::Custom)
    }

    /// Channels of a pixel.
    pub const fn channels(self) -> usize {
        match self {
            Self::Rgba => 4,
            Self::Rgb => 3,
            Self::Alpha => 1,
            Self::MotionVectors | Self::StereoDisparity | Self::Xy => 2,
            Self::Custom(n) => n as usize,
        }
    }
}

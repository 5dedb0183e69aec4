//! What the channel names of an EXR file mean.
//!
//! A name is `layer.channel`; the layer may itself have dots (`ViewLayer.Vector.X`). Channels without a layer are
//! colour (R, G, B, A, Y) or belong to the part they are in. Names as Nuke (`forward.u`), Blender
//! (`ViewLayer.Combined.R`) and Silhouette or Natron (`motion.fwd.x`) write them are all understood.

use super::{Frame, Plane};
use crate::picture::{Components, Depth, Picture};

/// Channels that make one picture. Each slot is a channel of the picture; the number says which of the file's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Empty for colour without a name.
    pub(super) name: String,
    pub(super) components: Components,
    pub(super) slots: Vec<Option<usize>>,
    /// Has red, green and blue, or luminance, or is without a name.
    pub(super) is_colour: bool,
}

/// A channel as the file names it.
pub(super) struct ChannelName<'a> {
    /// The part it is in, where the file has several.
    pub(super) part: Option<&'a str>,
    pub(super) name: &'a str,
}

/// The groups in the file's order, the main colour first if there is one.
pub(super) fn group(channels: &[ChannelName]) -> Vec<Group> {
    let first_part = channels.first().and_then(|c| c.part);
    let mut layers: Vec<(String, Vec<(&str, usize)>)> = Vec::new();
    for (index, channel) in channels.iter().enumerate() {
        let (layer, leaf) = match channel.name.rsplit_once('.') {
            Some((layer, leaf)) => (layer.to_owned(), leaf),
            None => (layer_of_bare(channel, first_part), channel.name),
        };
        match layers.iter_mut().find(|l| l.0 == layer) {
            Some((_, list)) => list.push((leaf, index)),
            None => layers.push((layer, vec![(leaf, index)])),
        }
    }
    let mut groups: Vec<Group> = layers.into_iter().map(|(name, list)| make_group(name, &list)).collect();
    let main = groups
        .iter()
        .position(|g| g.name.is_empty())
        .or_else(|| groups.iter().position(|g| g.is_colour && is_main_name(&g.name)))
        .or_else(|| groups.iter().position(|g| g.is_colour));
    if let Some(main) = main {
        groups[..=main].rotate_right(1);
    }
    groups
}

/// The layer of a channel whose name has no dot; empty for the main colour.
fn layer_of_bare(channel: &ChannelName, first_part: Option<&str>) -> String {
    let leaf = channel.name.to_ascii_lowercase();
    let is_colour = matches!(leaf.as_str(), "r" | "g" | "b" | "a" | "red" | "green" | "blue" | "alpha")
        || channel.name == "Y";
    match channel.part {
        Some(part) if !(is_colour && (Some(part) == first_part || is_main_name(part))) => part.to_owned(),
        _ if is_colour => String::new(),
        _ if leaf == "z" => "depth".to_owned(),
        _ if leaf.starts_with("valid") => leaf,
        _ => "other".to_owned(),
    }
}

fn is_main_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    matches!(last.as_str(), "combined" | "rgba" | "rgb" | "beauty" | "color" | "colour")
}

/// The place of a channel in its picture, by its name.
fn rank(leaf: &str) -> usize {
    match leaf.to_ascii_lowercase().as_str() {
        "r" | "red" | "x" | "u" => 0,
        "g" | "green" | "y" | "v" => 1,
        "b" | "blue" | "z" => 2,
        "a" | "alpha" | "w" => 3,
        _ => 4,
    }
}

fn make_group(name: String, list: &[(&str, usize)]) -> Group {
    let find = |names: [&str; 2]| {
        list.iter().find(|(leaf, _)| names.iter().any(|n| leaf.eq_ignore_ascii_case(n))).map(|c| c.1)
    };
    let (r, g, b, a) = (find(["r", "red"]), find(["g", "green"]), find(["b", "blue"]), find(["a", "alpha"]));
    let x = find(["x", "u"]);
    if r.is_none()
        && x.is_none()
        && let Some(luma) = list.iter().find(|(leaf, _)| *leaf == "Y").map(|c| Some(c.1))
    {
        let (components, slots) = match a {
            Some(_) => (Components::Rgba, vec![luma, luma, luma, a]),
            None => (Components::Rgb, vec![luma, luma, luma]),
        };
        return Group { name, components, slots, is_colour: true };
    }
    let is_colour = name.is_empty() || (r.is_some() && g.is_some() && b.is_some());
    if is_colour {
        let (components, slots) = match (r.or(g).or(b), b, a) {
            (None, _, Some(_)) => (Components::Alpha, vec![a]),
            (_, _, Some(_)) => (Components::Rgba, vec![r, g, b, a]),
            (_, None, None) => (Components::Xy, vec![r, g]),
            (_, Some(_), None) => (Components::Rgb, vec![r, g, b]),
        };
        return Group { name, components, slots, is_colour: true };
    }
    let mut sorted = list.to_vec();
    sorted.sort_by_key(|&(leaf, index)| (rank(leaf), index));
    sorted.truncate(4);
    let components = match sorted.len() {
        1 => Components::Alpha,
        2 => Components::Xy,
        3 => Components::Rgb,
        _ => Components::Rgba,
    };
    Group { name, components, slots: sorted.into_iter().map(|c| Some(c.1)).collect(), is_colour: false }
}

/// The motion of a frame as one picture: forward x, y, backward x, y where the file has both in layers of two
/// channels; else a layer of vectors as it is (Blender's has four channels); `None` where no layer is named as motion.
/// Where a file also says which vectors are valid (channels `valid_fwd` and `valid_bwd`), the others are not numbers.
pub fn motion(frame: &Frame) -> Option<Picture> {
    let last = |p: &Plane| p.name.rsplit('.').next().unwrap_or(&p.name).to_ascii_lowercase();
    let named = |names: &[&str]| frame.planes.iter().find(|p| names.contains(&last(p).as_str()));
    let forward = named(&["forward", "fwd"]);
    let backward = named(&["backward", "bwd"]);
    match (forward, backward) {
        (Some(f), Some(b)) => {
            let mut both = Picture::new(f.picture.bounds(), Components::Rgba, Depth::Float);
            both.pixel_aspect = f.picture.pixel_aspect;
            let bounds = both.bounds();
            let valid = [&["valid_fwd", "valid_forward"], &["valid_bwd", "valid_backward"]].map(|n| named(n));
            for y in bounds.y1..bounds.y2 {
                for x in bounds.x1..bounds.x2 {
                    let sample = |p: &Plane, valid: Option<&Plane>, c| {
                        let known = valid.is_none_or(|v| v.picture.sample(x, y, 0) >= 0.5);
                        if known { p.picture.sample(x, y, c) } else { f32::NAN }
                    };
                    let [u, v] = [0, 1].map(|c| sample(f, valid[0], c));
                    let [s, t] = [0, 1].map(|c| sample(b, valid[1], c));
                    both.set_pixel(x, y, [u, v, s, t]);
                }
            }
            Some(both)
        }
        (Some(one), None) | (None, Some(one)) => Some(one.picture.clone()),
        (None, None) => {
            let names = ["vector", "vectors", "motion", "motionvector", "motionvectors", "mv", "velocity"];
            named(&names).map(|p| p.picture.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[(Option<&str>, &str)]) -> Vec<(String, Components, Vec<Option<usize>>)> {
        let channels: Vec<ChannelName> =
            names.iter().map(|&(part, name)| ChannelName { part, name }).collect();
        group(&channels).into_iter().map(|g| (g.name, g.components, g.slots)).collect()
    }

    fn one(name: &str, components: Components, slots: &[usize]) -> (String, Components, Vec<Option<usize>>) {
        (name.to_owned(), components, slots.iter().map(|&i| Some(i)).collect())
    }

    #[test]
    fn colour_and_motion_as_nuke_names_them() {
        let names = ["A", "B", "G", "R", "backward.u", "backward.v", "depth.Z", "forward.u", "forward.v"];
        let names: Vec<_> = names.map(|n| (None, n)).into();
        assert_eq!(
            groups(&names),
            [
                one("", Components::Rgba, &[3, 2, 1, 0]),
                one("backward", Components::Xy, &[4, 5]),
                one("depth", Components::Alpha, &[6]),
                one("forward", Components::Xy, &[7, 8]),
            ]
        );
    }

    #[test]
    fn blenders_combined_is_the_colour() {
        let v = |n: &'static str| (None, n);
        let names = [
            v("ViewLayer.AO.B"),
            v("ViewLayer.AO.G"),
            v("ViewLayer.AO.R"),
            v("ViewLayer.Combined.A"),
            v("ViewLayer.Combined.B"),
            v("ViewLayer.Combined.G"),
            v("ViewLayer.Combined.R"),
            v("ViewLayer.Vector.W"),
            v("ViewLayer.Vector.X"),
            v("ViewLayer.Vector.Y"),
            v("ViewLayer.Vector.Z"),
        ];
        let got = groups(&names);
        assert_eq!(got[0], one("ViewLayer.Combined", Components::Rgba, &[6, 5, 4, 3]));
        assert_eq!(got[2], one("ViewLayer.Vector", Components::Rgba, &[8, 9, 10, 7]));
    }

    #[test]
    fn parts_name_the_channels_without_a_layer() {
        let names = [
            (Some("rgba"), "B"),
            (Some("rgba"), "G"),
            (Some("rgba"), "R"),
            (Some("forward"), "u"),
            (Some("forward"), "v"),
            (Some("spec"), "B"),
            (Some("spec"), "G"),
            (Some("spec"), "R"),
        ];
        assert_eq!(
            groups(&names),
            [
                one("", Components::Rgb, &[2, 1, 0]),
                one("forward", Components::Xy, &[3, 4]),
                one("spec", Components::Rgb, &[7, 6, 5]),
            ]
        );
    }

    #[test]
    fn files_of_few_channels() {
        assert_eq!(groups(&[(None, "A")]), [one("", Components::Alpha, &[0])]);
        assert_eq!(groups(&[(None, "Y")]), [one("", Components::Rgb, &[0, 0, 0])]);
        assert_eq!(groups(&[(None, "A"), (None, "Y")]), [one("", Components::Rgba, &[1, 1, 1, 0])]);
        assert_eq!(groups(&[(None, "G"), (None, "R")]), [one("", Components::Xy, &[1, 0])]);
        assert_eq!(
            groups(&[(None, "Z"), (None, "id")]),
            [one("depth", Components::Alpha, &[0]), one("other", Components::Alpha, &[1])]
        );
        assert!(groups(&[]).is_empty());
    }

    #[test]
    fn vectors_that_are_not_valid_are_not_numbers() {
        let names = ["id", "valid_bwd", "valid_fwd", "bwd.x", "bwd.y", "fwd.x", "fwd.y"].map(|n| (None, n));
        let named: Vec<String> = groups(&names).into_iter().map(|g| g.0).collect();
        assert_eq!(named, ["other", "valid_bwd", "valid_fwd", "bwd", "fwd"]);
        let bounds = crate::RectI { x1: 0, y1: 0, x2: 2, y2: 1 };
        let plane = |name: &str, components, value: fn(i32) -> [f32; 4]| Plane {
            name: name.to_owned(),
            picture: Picture::from_fn(bounds, components, |x, _| value(x)),
        };
        let frame = Frame {
            picture: Picture::new(bounds, Components::Alpha, Depth::Float),
            planes: vec![
                plane("fwd", Components::Xy, |_| [3.0, 4.0, 0.0, 0.0]),
                plane("bwd", Components::Xy, |_| [1.0, 2.0, 0.0, 0.0]),
                plane("valid_fwd", Components::Alpha, |x| [0.0, 0.0, 0.0, x as f32]),
            ],
        };
        let motion = motion(&frame).unwrap();
        assert_eq!(motion.pixel(1, 0), [3.0, 4.0, 1.0, 2.0]);
        let first = motion.pixel(0, 0);
        assert!(first[0].is_nan() && first[1].is_nan() && first[2..] == [1.0, 2.0]);
    }
}

//! Mattes as planes of the host's: in hosts where an effect may name planes, and in those where it may not.

use host::{Components, Context, Depth, Error, Field, Host, Node, Picture, Profile, RenderJob};
use shapes::{Blend, Document};
use tests::{FACE_ROTO, MOTION2ROTO, Shot, WHOLE, assert_clean, document, node};

const MATTE_TO_ROTO: &str = "org.splitline.MatteToRoto";
/// The one profile whose host lets effects name planes.
const NAMING: &str = "natron";

/// The card, a copy of it to the right that overlaps, and one that is cut out of both.
fn three() -> Document {
    let mut d = document(&[1, 3]);
    let moved = |name: &str, by: f64, blend| {
        let mut shape = d.shapes[0].clone();
        name.clone_into(&mut shape.name);
        shape.blend = blend;
        shape.keys.iter_mut().flat_map(|k| &mut k.points).for_each(|p| p.x += by);
        shape
    };
    let all = [
        moved("upper face", 0.0, Blend::Add),
        moved("mouth", 20.0, Blend::Add),
        moved("cut", 35.0, Blend::Subtract),
    ];
    d.shapes = all.into();
    d.shapes[1].opacity = Some(0.7);
    d
}

fn roto(profile: &str, effect: &str, shot: Shot, document: &Document) -> (Host, Node) {
    let (host, mut node) = node(profile, effect, Context::Filter);
    node.connect("Source", shot.source()).unwrap();
    node.set("shapes", document.to_json().unwrap()).unwrap();
    (host, node)
}

fn with_planes(effect: &str, shot: Shot, document: &Document) -> (Host, Node) {
    let (host, mut node) = roto(NAMING, effect, shot, document);
    node.assign("shapePlanes=1").unwrap();
    (host, node)
}

/// Names of the planes beside the colour.
fn named(node: &Node) -> Vec<String> {
    let planes = node.planes(1.0).unwrap();
    assert_eq!(planes[0], "uk.co.thefoundry.OfxImagePlaneColour");
    let name = |p: &String| {
        let rest = p.strip_prefix("NatronOfxImageComponentsPlaneName_").unwrap();
        rest.strip_suffix("_Channel_A").unwrap().to_owned()
    };
    planes[1..].iter().map(name).collect()
}

/// One channel of a picture over the whole frame.
fn channel(picture: &Picture, channel: usize) -> Vec<f32> {
    picture.crop(WHOLE).to_rgba_f32().iter().map(|p| p[channel]).collect()
}

#[test]
fn only_hosts_that_name_planes_have_the_param() {
    for profile in Profile::NAMES {
        for effect in [MOTION2ROTO, FACE_ROTO, MATTE_TO_ROTO] {
            let (host, node) = roto(profile, effect, Shot::new(3), &three());
            assert_eq!(node.param("shapePlanes").is_ok(), profile == NAMING, "{profile} {effect}");
            assert_eq!(named(&node), [""; 0], "{profile} {effect}: none are made unasked");
            drop(node);
            assert_clean(&host);
        }
    }
}

/// The planes are what the channels of the multi-matte are, whole, in tiles and in fields.
fn compare(effect: &str, shot: Shot) {
    let (host, mut node) = with_planes(effect, shot, &three());
    assert_eq!(named(&node), ["upper_face", "mouth"]);
    node.set_text("output", None, "Multi-matte (RGBA)").unwrap();
    for settings in [&["feather=0"][..], &["feather=6", "grow=2", "motionBlur=1", "shutter=2"], &["invert=1"]]
    {
        settings.iter().for_each(|s| node.assign(s).unwrap());
        let whole = RenderJob::at(2.0);
        for job in [whole.clone(), whole.clone().tiled(32, 16), RenderJob { field: Field::Upper, ..whole }] {
            let packed = node.render(&job).unwrap();
            for (i, name) in ["upper_face", "mouth"].into_iter().enumerate() {
                let plane = node.render(&job.clone().of_plane(name)).unwrap();
                assert_eq!((plane.components(), plane.depth()), (Components::Alpha, packed.depth()));
                assert_eq!(plane.bounds(), packed.bounds());
                let r = plane.bounds();
                for y in (r.y1..r.y2).filter(|y| job.field == Field::None || y % 2 == 1) {
                    for x in r.x1..r.x2 {
                        let (one, of_four) = (plane.sample(x, y, 0), packed.sample(x, y, i));
                        assert_eq!(one, of_four, "{effect} {settings:?} {name} at {x} {y}");
                    }
                }
            }
        }
    }
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_plane_holds_the_matte_that_a_channel_of_the_multi_matte_holds() {
    for effect in [MOTION2ROTO, FACE_ROTO, MATTE_TO_ROTO] {
        compare(effect, Shot::new(3));
    }
    for depth in [Depth::Byte, Depth::Short] {
        compare(MOTION2ROTO, Shot::new(3).stored(Components::Rgba, depth));
    }
    compare(MOTION2ROTO, Shot::new(3).stored(Components::Rgb, Depth::Float));
}

#[test]
fn planes_come_at_any_scale_and_beside_any_output() {
    let (host, mut node) = with_planes(MOTION2ROTO, Shot::new(3), &three());
    let render = |node: &Node, plane: &str, scale: f64| {
        node.render(&RenderJob::at(2.0).scaled(scale).of_plane(plane)).unwrap()
    };
    for scale in [1.0, 0.5] {
        node.set_text("output", None, "Multi-matte (RGBA)").unwrap();
        let packed = node.render(&RenderJob::at(2.0).scaled(scale)).unwrap();
        let plane = render(&node, "mouth", scale);
        let values = |p: &Picture, c: usize| p.to_rgba_f32().iter().map(|p| p[c]).collect::<Vec<_>>();
        assert_eq!(plane.bounds(), packed.bounds());
        assert_eq!(values(&plane, 3), values(&packed, 1), "at {scale}");
        for output in ["Matte in alpha", "Matte in RGB", "Source x matte", "Overlay"] {
            node.set_text("output", None, output).unwrap();
            let again = render(&node, "mouth", scale);
            assert_eq!(again.crop(plane.bounds()).to_rgba_f32(), plane.to_rgba_f32(), "{output}");
        }
    }
    drop(node);
    assert_clean(&host);
}

#[test]
fn the_colour_is_as_it_was() {
    let d = three();
    let (host, mut node) = roto(NAMING, MOTION2ROTO, Shot::new(3), &d);
    let (other, mut plain) = roto("nuke", MOTION2ROTO, Shot::new(3), &d);
    for output in ["Matte in alpha", "Matte in RGB", "Source x matte", "Overlay", "Multi-matte (RGBA)"] {
        node.set_text("output", None, output).unwrap();
        plain.set_text("output", None, output).unwrap();
        let wanted = plain.render(&RenderJob::at(2.0)).unwrap();
        for on in ["shapePlanes=0", "shapePlanes=1"] {
            node.assign(on).unwrap();
            let got = node.render(&RenderJob::at(2.0)).unwrap();
            assert_eq!(got.bounds(), wanted.bounds(), "{output} {on}");
            assert_eq!(got.to_rgba_f32(), wanted.to_rgba_f32(), "{output} {on}");
        }
    }
    drop((node, plain));
    assert_clean(&host);
    assert_clean(&other);
}

/// What the whole output leaves out, a plane may hold: the region is as large as both.
#[test]
fn the_region_holds_every_plane() {
    let mut d = three();
    d.shapes.truncate(2);
    d.shapes[1].blend = Blend::Max;
    d.shapes[0].invert = true;
    let (host, mut node) = with_planes(MOTION2ROTO, Shot::new(3), &d);
    node.set_text("output", None, "Matte in RGB").unwrap();
    let whole = node.region_of_definition(2.0).unwrap();
    assert_eq!((whole.x2, whole.y2), (160.0, 120.0), "an inverted shape reaches everywhere");
    d.shapes[0].invert = false;
    node.set("shapes", d.to_json().unwrap()).unwrap();
    let r = node.region_of_definition(2.0).unwrap();
    // The card on frame 2 is at 43 to 95, its copy 20 px to the right, and a pixel is spared.
    assert_eq!([r.x1, r.x2].map(f64::round), [42.0, 116.0]);
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_plane_of_a_shape_that_is_switched_off_is_empty() {
    let (host, mut node) = with_planes(FACE_ROTO, Shot::new(3), &three());
    assert!(
        channel(&node.render(&RenderJob::at(1.0).of_plane("mouth")).unwrap(), 3).iter().any(|v| *v > 0.5)
    );
    node.assign("shape02On=0").unwrap();
    assert_eq!(named(&node), ["upper_face", "mouth"], "it keeps its plane");
    let off = node.render(&RenderJob::at(1.0).of_plane("mouth")).unwrap();
    assert!(channel(&off, 3).iter().all(|v| *v == 0.0));
    node.assign("shape03Op=1").unwrap();
    assert_eq!(named(&node), ["upper_face", "mouth", "cut"], "the params let it add");
    let absent = node.render(&RenderJob::at(1.0).of_plane("nose"));
    assert!(matches!(absent, Err(Error::Unsupported { .. })), "a plane that was never offered");
    drop(node);
    assert_clean(&host);
}

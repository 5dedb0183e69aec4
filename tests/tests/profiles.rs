//! Every effect under every host's rules: loads, describes, renders, and breaks no rule.

use host::{Context, Profile, RenderJob};
use tests::{MOTION_VECTORS, MOTION2ROTO, Shot, assert_clean, bundle, document, host, node};

/// The card's area on any frame, px.
const CARD_AREA: f32 = 52.0 * 42.0;

#[test]
fn effects_describe_themselves_in_all_their_contexts() {
    for profile in Profile::NAMES {
        let host = host(profile);
        let effects = host.effects(&bundle()).unwrap();
        assert_eq!(effects.len(), 4, "{profile}");
        for effect in effects {
            assert!(!effect.contexts().is_empty(), "{profile}: {}", effect.id());
            for context in effect.contexts() {
                let info = effect.describe_in_context(context).unwrap();
                assert!(info.params.iter().all(|p| !p.label.is_empty()), "{profile}");
            }
        }
        assert_clean(&host);
    }
}

#[test]
fn motion2roto_draws_its_matte_in_every_host() {
    for profile in Profile::NAMES {
        let (host, mut node) = node(profile, MOTION2ROTO, Context::Filter);
        node.connect("Source", Shot::new(3).source()).unwrap();
        node.set("shapes", document(&[1, 3]).to_json().unwrap()).unwrap();
        node.set_text("output", None, "Matte in RGB").unwrap();
        for frame in [1.0, 2.0, 3.0] {
            let matte = node.render(&RenderJob::at(frame)).unwrap();
            let area: f32 = matte.to_rgba_f32().iter().map(|p| p[0]).sum();
            assert!((area - CARD_AREA).abs() < 1.0, "{profile} frame {frame}: {area}");
        }
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn motion_vectors_are_right_wherever_frames_can_be_had() {
    for profile in Profile::NAMES {
        let (host, mut node) = node(profile, MOTION_VECTORS, Context::Filter);
        node.connect("Source", Shot::new(3).source()).unwrap();
        node.set_text("plateEncoding", None, "Display or log").unwrap();
        let vectors = node.render(&RenderJob::at(2.0));
        if host.profile().supports.temporal {
            let vectors = vectors.unwrap();
            // The middle of the card on frame 2, y up: right by 3 and down by 1, then the way back.
            let [fu, fv, bu, bv] = vectors.pixel(69, 120 - 58);
            let near = |a: f32, b: f32| (a - b).abs() < 0.1;
            assert!(
                near(fu, 3.0) && near(fv, -1.0) && near(bu, -3.0) && near(bv, 1.0),
                "{profile}: {fu} {fv} {bu} {bv}"
            );
        } else {
            assert!(vectors.is_err() || !host.messages().is_empty(), "{profile}: silent");
        }
        drop(node);
        assert_clean(&host);
    }
}

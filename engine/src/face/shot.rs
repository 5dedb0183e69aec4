//! A whole shot.
use std::sync::Arc;
use nalgebra::Point2;
use shapes::{Document, Key, Shape, Track, TrackKey};
use super::fit::{Model, State};
use super::layout::{Layout, Places};
use super::look::Look;
use super::matching::{Found, Proposal, Reference, Search, find};
use super::prior::filled;
use super::solid::{Solid, spread};
use crate::image::Colours;

/// A picture with what an artist keyed on it.
pub struct Example {
    /// picture
    pub picture: Arc<Colours>,
    /// keys
    pub document: Document,
    /// frame
    pub frame: f64,
}

const ROUNDS: [Search; 6] = [
    Search { radius: 9, half: 9, threshold: 0.5, level: 2 },
    Search { radius: 7, half: 10, threshold: 0.6, level: 1 },
    Search { radius: 8, half: 16, threshold: 0.6, level: 0 },
    Search { radius: 5, half: 13, threshold: 0.6, level: 0 },
    Search { radius: 4, half: 11, threshold: 0.6, level: 0 },
    Search { radius: 3, half: 11, threshold: 0.6, level: 0 },
];

fn fit_frame(model: &Model, look: &Look, start: &State, refs: &[Reference], extra: &[&Reference], key_offsets: &[Vec<nalgebra::Vector3<f64>>], rounds: &[Search]) -> (State, f64, Vec<Option<Found>>) {
    let mut state = start.clone();
    let mut last = Vec::new();
    if let Ok(path) = std::env::var("ORACLE") {
        let f = start.doubt[0] as i32; let sc = start.doubt[1];
        let text = std::fs::read_to_string(path).unwrap();
        let mut found: Vec<Option<Found>> = vec![None; model.layout.core];
        for l in text.lines() {
            let w: Vec<&str> = l.split(' ').collect();
            if w[0] == f.to_string() {
                let i = model.layout.landmarks.iter().position(|n| n == w[1]).unwrap();
                found[i] = Some(Found { at: Point2::new(w[2].parse::<f64>().unwrap() * sc, w[3].parse::<f64>().unwrap() * sc), information: nalgebra::Matrix2::identity() * 10.0, score: 1.0, key_score: 1.0 });
            }
        }
        for _ in 0..6 {
            state = model.fitted(&state, &found, 5.0);
        }
        return (state, 1.0, found);
    }
    for search in rounds {
        let places = model.places(&state);
        let core = &places[..model.layout.core];
        let mut near: Vec<(usize, f64)> = refs.iter().enumerate().map(|(k, r)| (k, r.pose.angle(&state.pose))).collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1));
        near.truncate(6);
        let mut proposals: Vec<Proposal<'_>> = near.iter().map(|&(k, angle)| Proposal { reference: &refs[k], angle, expected: core.into() }).collect();
        if search.level == 0 && search.radius > 3 {
            for &(k, angle) in &near {
                let own = State { pose: state.pose, offsets: key_offsets[k].clone(), doubt: vec![] };
                let mut expected = model.places(&own);
                expected.truncate(model.layout.core);
                proposals.push(Proposal { reference: &refs[k], angle, expected: expected.into() });
            }
        }
        proposals.extend(extra.iter().map(|r| Proposal { reference: r, angle: r.pose.angle(&state.pose), expected: core.into() }));
        let found = find(look, &model.neighbours, &proposals, *search);
        state = model.fitted(&state, &found, 1.8f64.max((search.radius << search.level) as f64 * 0.4));
        last = found;
    }
    let n = model.layout.core as f64;
    let score = last.iter().flatten().map(|f| f.key_score).sum::<f64>() / n;
    (state, score, last)
}

/// lab
pub fn analyse_lab(examples: &[Example], own: &[(i32, usize)], frames: &[(i32, Arc<Colours>)]) -> Document {
    let layout = Layout::of(examples.iter().map(|e| &e.document));
    let raw: Vec<Places> = examples.iter().map(|e| layout.places(&e.document, e.frame)).collect();
    let mut scales: Vec<f64> = raw.iter().map(|v| (100.0 / spread(&v[..layout.core].to_vec()).1).min(1.0)).collect();
    if let Some(&(_, k)) = own.first() {
        let scale = scales[k];
        own.iter().for_each(|o| scales[o.1] = scale);
    }
    let views: Vec<Places> = raw.iter().zip(&scales).map(|(v, s)| v.iter().map(|p| p.map(|p| p * *s)).collect()).collect();
    let t = std::time::Instant::now();
    let solid = Solid::solve(&layout, &views);
    log::info!("solid {:?}", t.elapsed());
    if std::env::var("FACEDEBUG").is_ok() {
        for (k, p) in solid.poses.iter().enumerate() {
            let (r, pi, y) = p.turn.euler_angles();
            let off: Vec<f64> = solid.offsets[k][..layout.core].iter().flatten().map(|o| o.norm()).collect();
            eprintln!("pose {k} roll/pitch/yaw {:.1} {:.1} {:.1} scale {:.3} persp {:.6} mean offset {:.2}", y.to_degrees(), r.to_degrees(), pi.to_degrees(), p.log_scale.exp(), p.perspective, off.iter().sum::<f64>() / off.len() as f64);
        }
        eprintln!("learn {:?}", t.elapsed());
    }
    let model = Model::new(layout, solid);
    let refs: Vec<Reference> = examples.iter().zip(&views).zip(&scales).enumerate().map(|(k, ((e, v), s))| Reference {
        look: Arc::new(Look::new(&e.picture, *s)), places: v[..model.layout.core].to_vec(), pose: model.solid.poses[k], trust: 1.0 }).collect();
    let scale = own.first().map_or(1.0, |o| scales[o.1]);
    let key_state = |k: usize| State { pose: model.solid.poses[k], offsets: filled(&model.solid.base, &model.solid.offsets[k]), doubt: vec![0.0; model.layout.core] };
    let key_offsets: Vec<_> = model.solid.offsets.iter().map(|o| filled(&model.solid.base, o)).collect();
    let n = frames.len();
    let mut results: Vec<Option<(State, f64)>> = vec![None; n];
    let is_key = |f: i32| own.iter().find(|o| o.0 == f).map(|o| o.1);
    let t = std::time::Instant::now();
    // from both sides
    for backward in [false, true] {
        let order: Vec<usize> = if backward { (0..n).rev().collect() } else { (0..n).collect() };
        let mut prev: Option<(State, Arc<Look>)> = None;
        for i in order {
            let (f, picture) = &frames[i];
            let look = Arc::new(Look::new(picture, scale));
            let state = if let Some(k) = is_key(*f) {
                let s = key_state(k);
                results[i] = Some((s.clone(), 9.0));
                Some(s)
            } else if let Some((p, plook)) = &prev {
                let places = model.places(p);
                let extra = Reference { look: plook.clone(), places: places[..model.layout.core].iter().map(|p: &Point2<f64>| Some(*p)).collect(), pose: p.pose, trust: 0.5 };
                let mut p = p.clone(); p.doubt[0] = f64::from(*f); p.doubt[1] = scale;
                let (s, score, last) = fit_frame(&model, &look, &p, &refs, &[&extra], &key_offsets, &ROUNDS);
                if std::env::var("FACEDUMP").is_ok() && !backward {
                    for (q, fo) in last.iter().enumerate().take(model.layout.landmarks.len()) {
                        if let Some(fo) = fo {
                            println!("{} {} {:.3} {:.3} {:.3} {:.3} {:.3}", f, model.layout.landmarks[q], fo.at.x / scale, fo.at.y / scale, fo.score, fo.key_score, fo.information.determinant().sqrt());
                        }
                    }
                }
                if results[i].as_ref().is_none_or(|r| r.1 < score) {
                    results[i] = Some((s.clone(), score));
                }
                Some(s)
            } else { None };
            prev = state.map(|s| (s, look));
        }
    }
    if std::env::var("FACEDEBUG").is_ok() {
        eprintln!("track {:?}; scores {:?}", t.elapsed(), results.iter().map(|r| r.as_ref().map(|r| (r.1 * 100.0).round() / 100.0)).collect::<Vec<_>>());
    }
    let w = frames[0].1.width();
    let mut doc = Document::new(w as u32, frames[0].1.height() as u32);
    let mut tracks: Vec<Track> = model.layout.landmarks.iter().map(|n| Track { name: n.clone(), keys: vec![], extra: Default::default() }).collect();
    let mut shapes: Vec<Shape> = model.layout.outlines.iter().map(|o| o.shape.clone()).collect();
    for (i, (f, _)) in frames.iter().enumerate() {
        let Some((s, _)) = &results[i] else { continue };
        let places: Vec<Point2<f64>> = model.places(s).into_iter().map(|p| p / scale).collect();
        for (t, p) in tracks.iter_mut().zip(&places) {
            t.keys.push(TrackKey::new(f64::from(*f), p.x, p.y));
        }
        for (sh, o) in shapes.iter_mut().zip(&model.layout.outlines) {
            sh.keys.push(Key::new(f64::from(*f), model.layout.points(o, &places)));
        }
    }
    doc.tracks = tracks;
    doc.shapes = shapes;
    doc
}

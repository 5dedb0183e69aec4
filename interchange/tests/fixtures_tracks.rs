//! Texts with tracks as the applications themselves write them, made by hand for these tests.

mod common;

use common::{named, read};
use interchange::Settings;

#[test]
fn after_effects_text() {
    let text = "Adobe After Effects 8.0 Keyframe Data\n\n\tUnits Per Second\t25\n\tSource Width\t400\n\
                \tSource Height\t200\n\tSource Pixel Aspect Ratio\t2\n\tComp Pixel Aspect Ratio\t1\n\n\
                Effects\tCorner Pin #1\tUpper Left #2\n\tFrame\tX pixels\tY pixels\t\n\t0\t10\t20\t\n\t5\t11.5\t21\t\n\n\
                Transform\tPosition\n\tFrame\tX pixels\tY pixels\tZ pixels\t\n\t\t960\t540\t0\t\n\n\
                Transform\tScale\n\tFrame\tX percent\tY percent\t\n\t\t100\t100\t\n\n\nEnd of Keyframe Data\n";
    let (document, warnings) = read("after-effects", text);
    let told: Vec<_> = document.tracks.iter().map(|t| (t.name.as_str(), t.keys.len())).collect();
    assert_eq!(told, [("Effects Corner Pin #1 Upper Left #2", 2), ("Transform Position", 1)]);
    let key = &document.tracks[0].keys[1];
    assert_eq!((key.frame, key.x, key.y, document.fps), (5.0, 23.0, 21.0, Some(25.0)));
    assert!(warnings.iter().any(|w| w.contains("Scale")), "{warnings:?}");
}

#[test]
fn corner_pins_of_mocha_and_points_of_trackers() {
    let text = "Adobe After Effects 6.0 Keyframe Data\n\n\tUnits Per Second\t24\n\tSource Width\t400\n\tSource Height\t200\n\n\
                Effects\tCC Power Pin #1\tCC Power Pin-0005\n\tFrame\tX pixels\tY pixels\n\t0\t10\t20\n\t1\t11\t21\n\n\
                Motion Trackers\tTracker #1\tTrack Point #1\tFeature Center\n\tFrame\tX pixels\tY pixels\t\n\t0\t1\t2\t\n\n\
                Motion Trackers\tTracker #1\tTrack Point #1\tConfidence\n\tFrame\tpercent\n\t0\t99\n\nEnd of Keyframe Data\n";
    let (document, warnings) = read("after-effects", text);
    let told: Vec<_> = document.tracks.iter().map(|t| (t.name.as_str(), t.keys.len())).collect();
    let tracker = "Motion Trackers Tracker #1 Track Point #1 Feature Center";
    assert_eq!(told, [("Effects CC Power Pin #1 Lower Right", 2), (tracker, 1)]);
    assert!(warnings.iter().any(|w| w.contains("Confidence")), "{warnings:?}");
}

#[test]
fn tracks_text() {
    let text = "2\nnose tip\n0\n2\n1 10.0 150.5\n3 11.25 149.5\r\n02\n1\n0\n";
    let settings = Settings { width: Some(400), height: Some(200), ..Settings::default() };
    let (document, warnings) = named("tracks").read(text.as_bytes(), &settings).unwrap();
    assert_eq!(warnings, []);
    let told: Vec<_> = document.tracks[0].keys.iter().map(|k| (k.frame, k.x, k.y)).collect();
    assert_eq!(told, [(1.0, 10.0, 49.5), (3.0, 11.25, 50.5)]);
    assert_eq!((document.tracks[1].name.as_str(), document.tracks[1].keys.len()), ("02", 0));
}

//! Files as the applications themselves write them, made by hand for these tests.

mod common;

use common::read;
use shapes::{Blend, Interp, Point};

/// Floats as bits, one key said once for all points, a feather contour, a group, a second node, paint.
const NUKE: &str = r#"#! /usr/local/Nuke13.2v8/libnuke.so -nx
version 13.2 v8
define_window_layout_xml {<?xml version="1.0"?>
<layout><window x="0"/></layout>
}
Root {
 inputs 0
 name /jobs/a.nk
 format "400 200 0 0 400 200 2 scope"
 fps 25
 proxy_format "1024 778 0 0 1024 778 1 1K_Super_35(full-ap)"
}
Group {
 name Group1
}
 Roto {
  output alpha
  cliptype none
  curves {{{v x3f99999a}
  {f 0}
  {n
   {layer Root
    {f 2097152}
    {t x43480000 x42c80000}
    {a pt1x 0 pt1y 0 ptmot x40800000 ptref 0}
    {layer Head
     {f 512}
     {t x43480000 x42c80000 0 x41200000}
     {a vis 0 opc x3f000000}
     {curvegroup "top shape" 512 bezier
      {{cc
        {f 8192}
        {px x447a4000
         {0 xc1200000}
         {x42c80000 x43160000}
         {x40c00000 0}
         {xc0c00000 0}
         {x42f00000 x43160000}
         {0 xc1200000}}}     idem}
      {tx x447a4000 x42dc0000 x43160000}
      {a bm x41400000 opc x3f000000 inv 1 ltn x447a4000 ltm x447a4000 ltt x40800000 tt x40e00000}}}
    {curvegroup Bezier1 576 bezier
     {{cc
       {f 8224}
       {p
        {0 0}
        {{{1 10 0 0 0 0 258} {11 x42700000 - - 258}} 20}
        {5 0}
        {x40a00000 0}
        {{{1 30 257} {6 40 256} {11 60}} {=parent.t.y 50}}
        {0 0}}}
      {cc
       {f 8192}
       {p
        {0 0}
        {0 {{1 0 0 0 0 0 257} {11 -4 0 0 0 0 257}}}
        {5 0}
        {x40a00000 0}
        {0 0}
        {0 0}}}}
     {t {{1 35}} {{1 35}} 0 {{1 0}} {{1 0}} 0 0 0 {{1 0}} {{1 1}} {{1 1}} 1 {{1 0}}}
     {a ro 1 go x3f000000 bo 0 vis {{1 1} {5 0}} str 1 ltn 1 ltm 1 tt 4}}
    {cubiccurve Brush1 512 catmullrom
     {cc
      {f 2080}
      {p
       {x44fd8000 x44980000 x3f0f6000}}}
     {t x44fd3000 x449e2800}
     {a ro 0}}}}}}
  toolbox {selectAll {
  { selectAll str 1 ssx 1 ssy 1 sf 1 }
} }
  name Roto1
 }
end_group
Tracker4 {
tracks { { 1 31 2 }
{ { 5 1 20 enable e 1 }
{ 3 1 75 name name 1 }
{ 2 1 58 track_x track_x 1 }
{ 2 1 58 track_y track_y 1 }
{ 2 1 63 offset_x offset_x 1 }
{ 2 1 63 offset_y offset_y 1 }
{ 4 1 27 T T 1 }
}
{
 { {curve K x1 1 x3 0} "track 1" {curve x1 10 12 14 x8 20} {curve L x1 150 s0 t0 150 150 x8 150} {curve} 0 1 }
 { 1 nose {curve i x5 1} {curve x5 2} {curve K x5 3} 0 0 }
}
}
 name Tracker1
}
"#;

#[test]
fn a_nuke_script() {
    let (document, warnings) = read("nuke", NUKE);
    assert_eq!((document.width, document.height), (400, 200));
    assert_eq!((document.fps, document.par), (Some(25.0), Some(2.0)));
    let names: Vec<_> = document.shapes.iter().map(|s| s.name.as_str()).collect();
    // In drawing order: Nuke lists the shape on top first.
    assert_eq!(names, ["Bezier1", "top shape"]);

    let top = &document.shapes[1];
    assert_eq!((top.closed, top.blend, top.opacity), (true, Blend::Subtract, Some(0.5)));
    assert_eq!(top.keys.len(), 1);
    assert_eq!(top.keys[0].frame, 1001.0);
    // Two document pixels for one of the plate's, and y from the top. Its layer moves it by ten of the plate's.
    assert_eq!(top.keys[0].points[0], Point::new(220.0, 50.0, [0.0, 10.0], [12.0, 0.0]));
    assert!(top.invert);

    // Its range of frames is one frame long.
    assert_eq!([1000.0, 1001.0, 1002.0].map(|f| top.opacity_at(f)), [None, Some(0.5), None]);

    let low = &document.shapes[0];
    assert_eq!([1.0, 4.0, 5.0].map(|f| low.opacity_at(f)), [Some(1.0), Some(1.0), None]);
    assert_eq!((low.closed, low.color), (false, Some([1.0, 0.5, 0.0])));
    assert_eq!(low.keys.iter().map(|k| k.frame).collect::<Vec<_>>(), [1.0, 6.0, 11.0]);
    assert_eq!(low.keys.iter().map(|k| k.points[1].x).collect::<Vec<_>>(), [60.0, 80.0, 120.0]);
    assert_eq!(low.keys[2].points[0].x, 120.0);
    assert_eq!(low.keys[0].points[1].y, 150.0);
    assert!(low.keys[0].points.iter().all(|p| p.feather.is_none()));
    assert_eq!(low.keys[2].points[0].feather.as_ref().unwrap().offset, [0.0, 4.0]);

    let expected = [
        "\"Head\", visible",
        "\"Head\", opacity",
        "\"Bezier1\", interpolation",
        "\"Bezier1\", expression",
        "\"Brush1\", stroke",
    ];
    for words in expected {
        assert!(warnings.iter().any(|w| w.starts_with(words)), "{words}: {warnings:#?}");
    }

    let track = &document.tracks[0];
    assert_eq!((track.name.as_str(), document.tracks[1].name.as_str()), ("track 1", "nose"));
    let told: Vec<_> = track.keys.iter().map(|k| (k.frame, k.x, k.y, k.visible)).collect();
    let expected = [
        (1.0, 20.0, 50.0, true),
        (2.0, 24.0, 50.0, true),
        (3.0, 28.0, 50.0, false),
        (8.0, 40.0, 50.0, false),
    ];
    assert_eq!(told, expected);
    // An axis that does not move takes no key of its own, and an offset says only where the tracker looked.
    let told: Vec<_> = document.tracks[1].keys.iter().map(|k| (k.frame, k.x, k.y)).collect();
    assert_eq!(told, [(5.0, 2.0, 198.0)]);
}

#[test]
fn older_trackers_and_corner_pins_of_nuke() {
    let text = r#"Root {
 format "400 200 0 0 400 200 2 scope"
}
Tracker3 {
 track1 {{curve i x1 10 11 x5 13} {curve x1 20 x5 24}}
 offset1 {{curve x1 3} 0}
 track2 {{curve x2 30} 40}
 pattern1 {-30 -30 30 30}
 track3 {{parent.Tracker1.track1} {parent.Tracker1.track1}}
 name "Tracker 7"
}
CornerPin2D {
 to1 {{curve L x1001 0 L x1002 1} {curve L x1001 0 L x1002 1}}
 to2 {400 0}
 to3 {400 200}
 to4 {0 200}
 invert false
 from2 {400 0}
 name Pin
}
"#;
    let (document, warnings) = read("nuke", text);
    let told: Vec<_> = document
        .tracks
        .iter()
        .map(|t| (t.name.as_str(), t.keys.iter().map(|k| (k.frame, k.x, k.y)).collect()))
        .collect();
    let expected: [(&str, Vec<_>); 6] = [
        ("Tracker 7 track1", vec![(1.0, 20.0, 180.0), (2.0, 22.0, 179.0), (5.0, 26.0, 176.0)]),
        ("Tracker 7 track2", vec![(2.0, 60.0, 160.0)]),
        ("Pin Lower Left", vec![(1001.0, 0.0, 200.0), (1002.0, 2.0, 199.0)]),
        ("Pin Lower Right", vec![(0.0, 800.0, 200.0)]),
        ("Pin Upper Right", vec![(0.0, 800.0, 0.0)]),
        ("Pin Upper Left", vec![(0.0, 0.0, 0.0)]),
    ];
    assert_eq!(told, expected);
    assert_eq!(warnings, ["\"Tracker 7 track3\", expression: not read"]);
}

/// A quarter turn about a pivot and a shift that moves, in a layer that a matrix scales; another shape in the same layer stays.
#[test]
fn transforms_of_nuke_go_into_the_points() {
    let text = r#"Root {
 format "400 200 0 0 400 200 1 x"
}
Roto {
 curves {{{v x3f99999a} {f 0} {n
  {layer Root {f 0} {t 200 100} {a}
   {layer Tracked {f 512} {t 0 0 0 0 0 0 0 0 0 1 1 1 0 2 0 0 10 0 3 0 0 0 0 1 0 0 0 0 1} {a}
    {curvegroup turned 512 bezier
     {{cc {f 8192} {px 1 {0 0} {20 50} {4 0} {0 0} {10 50} {0 0}}} idem}
     {t 10 50 0 {{1 0 257} {5 8 257}} 0 0 0 0 90 1 1 1 0}
     {a}}
    {curvegroup still 512 bezier {{cc {f 8192} {px 1 {0 0} {20 50} {4 0}}} idem} {tx 1 10 50} {a}}}}}}}
}
"#;
    let (document, warnings) = read("nuke", text);
    assert_eq!(warnings, [] as [&str; 0]);
    let (still, turned) = (&document.shapes[0], &document.shapes[1]);
    // (20, 50) doubled and shifted by ten, three times as high; y from the top of 200.
    assert_eq!(still.keys[0].points[0], Point::new(50.0, 50.0, [0.0, 0.0], [8.0, 0.0]));
    let told: Vec<_> =
        turned.keys.iter().map(|k| (k.frame, k.points[0].x.round(), k.points[0].y.round())).collect();
    // (20, 50) turns to (10, 60) and moves by 8 in four frames, before the layer's matrix.
    assert_eq!(told, [(1.0, 30.0, 20.0), (5.0, 46.0, 20.0)]);
    let out = turned.keys[0].points[0].tangent_out;
    assert!(out[0].abs() < 1e-9 && (out[1] + 12.0).abs() < 1e-9, "{out:?}");
}

const SILHOUETTE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- Silhouette Shape File -->
<Silhouette width="400" height="200" workRangeStart="1001" workRangeEnd="1010" sessionStartFrame="1001">
 <Layer type="Layer" id="1" label="Layer 1" expanded="True" uuid="6BFA7E72">
  <Properties>
   <Property id="color" constant="True"><Value>(1.000000,1.000000,1.000000)</Value></Property>
   <Property id="transform.matrix"><Key frame="0" interp="linear">(1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1)</Key></Property>
   <Property id="transform.scale"><Value>(1,1,1)</Value></Property>
   <Property id="objects" constant="True" expanded="True">
    <Object type="Layer" label="moved">
     <Properties>
      <Property id="transform.position"><Value>(0.25,0.000000)</Value></Property>
      <Property id="transform.matrix">
       <Key frame="0" interp="linear">(1,0,0,0,0,2,0,0,0,0,1,0,0,0,0,1)</Key>
       <Key frame="9" interp="linear">(1,0,0,0,0,2,0,0,0,0,1,0,0.1,0,0,1)</Key>
      </Property>
      <Property id="objects" constant="True">
       <Object type="Shape" label="A &amp; B" shape_type="Bezier" hidden="False" locked="True">
        <Properties>
         <Property id="opacity"><Key frame="0" interp="hold">100</Key><Key frame="4" interp="hold">0</Key></Property>
         <Property id="mode" constant="True"><Value>Inside</Value></Property>
         <Property id="invert" constant="True"><Value>true</Value></Property>
         <Property id="motionBlur" constant="True"><Value>false</Value></Property>
         <Property id="path">
          <Key frame="0" interp="linear"><Path closed="True" type="Bezier">
           <Point>(0.000000,0.000000),(0.050000,0.000000),(-0.050000,0.000000)</Point>
           <Point>(0.5,-0.25),(0.5,-0.25),(0.5,-0.25)</Point>
          </Path></Key>
          <Key frame="9" interp="hold"><Path closed="True" type="Bezier">
           <Point>(0.1,0),(0.1,0),(0.1,0)</Point>
           <Point>(0.5,-0.25),(0.5,-0.25),(0.5,-0.25)</Point>
          </Path></Key>
         </Property>
        </Properties>
       </Object>
      </Property>
     </Properties>
    </Object>
    <Object type="Shape" label="spline" shape_type="Bspline">
     <Properties><Property id="path"><Value><Path closed="True" type="Bspline">
      <Point>(0,0)</Point><Point>(0.3,0)</Point><Point>(0.3,0.3)</Point><Point>(0,0.3)</Point>
     </Path></Value></Property></Properties>
    </Object>
    <Object type="Tracker" label="t1"><Properties>
     <Property id="position"><Key frame="0" interp="linear">(0,0,0)</Key><Key frame="2" interp="linear">(0.5,-0.25,0)</Key></Property>
     <Property id="matchSize"><Value>(1,1)</Value></Property>
    </Properties></Object>
    <Object type="Stroke" label="s1"></Object>
   </Property>
  </Properties>
 </Layer>
</Silhouette>
"#;

#[test]
fn a_silhouette_file() {
    let (document, warnings) = read("silhouette", SILHOUETTE);
    let [bezier, spline] = &document.shapes[..] else { panic!("{document:?}") };
    assert_eq!((bezier.name.as_str(), bezier.blend), ("A & B", Blend::Intersect));
    let told: Vec<_> = bezier.keys.iter().map(|k| (k.frame, k.interp)).collect();
    assert_eq!(told, [(1001.0, Interp::Linear), (1010.0, Interp::Hold)]);
    assert_eq!(bezier.keys[0].points[0], Point::new(200.0, 100.0, [-10.0, 0.0], [10.0, 0.0]));
    // The layer's matrix makes all twice as high, and moves it by a tenth of the picture's height in nine frames.
    assert_eq!(bezier.keys[0].points[1], Point::corner(300.0, 0.0));
    assert_eq!(bezier.keys[1].points[0], Point::corner(240.0, 100.0));
    assert_eq!((bezier.invert, bezier.blur), (true, Some(false)));
    let told: Vec<_> = document.tracks[0].keys.iter().map(|k| (k.frame, k.x, k.y)).collect();
    assert_eq!(
        (document.tracks[0].name.as_str(), told),
        ("t1", vec![(1001.0, 200.0, 100.0), (1003.0, 300.0, 50.0)])
    );
    // A uniform B-spline of a square comes a sixth of its side inside each corner.
    let point = &spline.keys[0].points[0];
    assert!((point.x - 210.0).abs() < 1e-9 && (point.y - 110.0).abs() < 1e-9, "{point:?}");
    assert_eq!([1001.0, 1004.0, 1005.0].map(|f| bezier.opacity_at(f)), [Some(1.0), Some(1.0), None]);
    for words in ["\"moved\", transform.position", "\"spline\", kind", "\"s1\", kind"] {
        assert!(warnings.iter().any(|w| w.starts_with(words)), "{words}: {warnings:#?}");
    }
    assert_eq!(warnings.len(), 3, "{warnings:#?}");
}

/// A mask in a group with eased and held keys, one that is drawn once, a tracker with both kinds of paths, and things that are not read.
const FUSION: &str = r#"{
	Tools = ordered() {
		Group1 = GroupOperator {
			Inputs = ordered() { },
			Tools = ordered() {
				Polygon1 = PolylineMask {
					DrawMode = "ModifyOnly",
					Inputs = {
						Filter = Input { Value = FuID { "Fast Gaussian" }, },
						Level = Input { Value = 0.5, },
						Invert = Input { Value = 1, },
						SoftEdge = Input { Value = 0.01, },
						PaintMode = Input { Value = FuID { "Subtract" }, },
						MaskWidth = Input { Value = 400, },
						MaskHeight = Input { Value = 200, },
						PixelAspect = Input { Value = { 2, 1 }, },
						Polyline = Input { SourceOp = "Polygon1Polyline", Source = "Value", },
						Polyline2 = Input { Value = Polyline { }, Disabled = true, },
					},
				},
			},
		},
		Polygon1Polyline = BezierSpline {
			SplineColor = { Red = 173, Green = 255, Blue = 47 },
			KeyFrames = {
				[10] = { 0, RH = { 12, 0 }, Flags = { LockedY = true }, Value = Polyline {
						Closed = true,
						Points = {
							{ Linear = true, X = -0.5, Y = 0.5, RX = 0.1, RY = 0 },
							{ X = 0.5, Y = -0.5, LX = -0.1, LY = -0.2 },
						},
					} },
				[14] = { 1, LH = { 12, 1 }, Flags = { StepOut = true, LockedY = true }, Value = Polyline {
						Closed = true,
						Points = { { X = 0, Y = 0.5 }, { X = 0.5, Y = -0.5 } } } },
				[20] = { 2, Flags = { Linear = true }, Value = Polyline { Closed = true, Points = { { X = 0.5, Y = 0.5 }, { X = 0.5, Y = -0.5 } } } },
			},
		},
		Line = PolylineMask { Inputs = { Polyline = Input { Value = Polyline { Points = { { X = 0, Y = 0 }, { X = 0.25, Y = 0 } } }, }, }, },
		Tracker1 = Tracker {
			Trackers = { { PatternTime = 0, PatternX = 0.5 } },
			Inputs = {
				Name1 = Input { Value = "nose", },
				TrackedCenter1 = Input { SourceOp = "XYPath1", Source = "Value", },
				TrackedCenter2 = Input { SourceOp = "Path2", Source = "Position", },
			},
		},
		XYPath1 = XYPath { Inputs = { X = Input { SourceOp = "XYPath1X", Source = "Value", }, Y = Input { Value = 0.25, } } },
		XYPath1X = BezierSpline { KeyFrames = { [3] = { 0.5, Flags = { Linear = true } }, [5] = { 1, Flags = { Linear = true } } } },
		Path2 = PolyPath {
			Inputs = {
				Displacement = Input { SourceOp = "Path2Displacement", Source = "Value", },
				PolyLine = Input { Value = Polyline { Points = { { X = 0, Y = 0 }, { X = 0.3, Y = 0 }, { X = 0.3, Y = 0.1 } } }, },
			},
		},
		Path2Displacement = BezierSpline { KeyFrames = { [0] = { 0 }, [2] = { 1 } } },
		Multi = MultiPoly { Inputs = { MaskWidth = Input { Value = 9, } } },
	},
	ActiveTool = "Polygon1"
}
"#;

#[test]
fn fusion_tools() {
    let (document, warnings) = read("fusion", FUSION);
    assert_eq!((document.width, document.height, document.par), (400, 200, Some(2.0)));
    let [polygon, line] = &document.shapes[..] else { panic!("{document:?}") };
    assert_eq!(
        (polygon.name.as_str(), polygon.closed, polygon.invert, polygon.opacity),
        ("Polygon1", true, true, Some(0.5))
    );
    let told: Vec<_> = polygon.keys.iter().map(|k| (k.frame, k.interp, k.points[0].x.round())).collect();
    let expected = [
        (10.0, Interp::Linear, 0.0),
        // Eased out and in, by handles halfway.
        (11.0, Interp::Linear, 42.0),
        (12.0, Interp::Linear, 200.0),
        (13.0, Interp::Linear, 358.0),
        (14.0, Interp::Hold, 400.0),
        (20.0, Interp::Linear, 800.0),
    ];
    assert_eq!(told, expected);
    assert_eq!(polygon.keys[0].points[0], Point::new(0.0, 0.0, [0.0, 0.0], [80.0, 0.0]));
    assert_eq!(polygon.keys[0].points[1].tangent_in, [-80.0, 40.0]);
    assert_eq!((line.name.as_str(), line.closed, line.keys[0].points[1].x), ("Line", false, 600.0));

    let told: Vec<_> = document
        .tracks
        .iter()
        .map(|t| (t.name.as_str(), t.keys.iter().map(|k| (k.frame, k.x.round(), k.y.round())).collect()))
        .collect();
    let expected: [(&str, Vec<_>); 2] = [
        ("nose", vec![(3.0, 400.0, 150.0), (5.0, 800.0, 150.0)]),
        // Half of the way of 0.4 is at 0.2 on its first piece.
        ("Tracker1 TrackedCenter2", vec![(0.0, 400.0, 100.0), (1.0, 560.0, 100.0), (2.0, 640.0, 80.0)]),
    ];
    assert_eq!(told, expected);
    let said: Vec<_> = warnings.iter().map(|w| w.split(':').next().unwrap()).collect();
    assert_eq!(said, ["\"Polygon1\", SoftEdge", "\"Polygon1\", PaintMode", "\"Multi\", kind"]);
}

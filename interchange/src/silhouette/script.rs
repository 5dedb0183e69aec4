//! A Python script that makes trackers through Silhouette's own interface, as shape files have none that Silhouette is known to read.

use std::fmt::Write as _;

use shapes::Document;

use crate::space::SILHOUETTE;
use crate::text::{fine, frame, quoted_python};
use crate::{Shot, Warning, WriteError};

const HEAD: &str = r#"# Makes trackers with tracks of Splitline: select a Roto or Tracker node in Silhouette and run this in the Console or as an action.
import fx


def splitline_tracker(node, name, keys):
    tracker = fx.Tracker(name)
    node.property("objects").addObjects([tracker])
    position = tracker.property("position")
    position.constant = False
    editor = fx.PropertyEditor(position)
    for frame, x, y in keys:
        editor.setValue(fx.Point3D(x, y, 0), frame)
    if all(key[0] != 0 for key in keys):
        # A property that has just become keyed has a key on frame 0.
        editor.deleteKey(0)
    editor.execute()


def splitline_trackers():
    node = fx.activeNode()
    fx.beginUndo("Splitline trackers")
"#;
const TAIL: &str = "    fx.endUndo()\n\n\nsplitline_trackers()\n";

/// Writes the script; frames count from the shot's first.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    _warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = SILHOUETTE.of(shot);
    let mut out = HEAD.to_owned();
    for track in &document.tracks {
        let _ = writeln!(out, "    splitline_tracker(node, {}, [", quoted_python(&track.name));
        for key in &track.keys {
            let _ = write!(out, "        ({}", frame(map.frame(key.frame)));
            for value in map.point([key.x, key.y]) {
                out.push_str(", ");
                fine(&mut out, value);
            }
            out.push_str("),\n");
        }
        out.push_str("    ])\n");
    }
    out.push_str(TAIL);
    Ok(out)
}

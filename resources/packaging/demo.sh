#!/usr/bin/env bash
# demo.sh SPLITLINE BUNDLE OUT: solves and renders the sample shot into the folder OUT.
set -euo pipefail
splitline=$1 bundle=$2 out=$3
sample=resources/sample

rm -rf "$out"
mkdir -p "$out"
SECONDS=0
"$splitline" motion2roto --bundle "$bundle" --plate "$sample/plate.####.jpg" --shapes "$sample/keys.json" \
  --out-shapes "$out/shapes.json" --out-mattes "$out/matte.####.png" --overlay "$out/overlay.####.png"
"$splitline" contact-sheet "$out/overlay.####.png" --out "$out/contact-sheet.png"
for other in nk fxs setting jsx; do
  # What these cannot hold (confidence, locks) is no surprise here.
  said=$("$splitline" convert "$out/shapes.json" "$out/shapes.$other" 2>&1) || { echo "$said" >&2; exit 1; }
done

cat <<END

Splines keyed on 3 frames of 24, carried through the whole shot by the bundle's Motion2Roto in ${SECONDS} s:
  $out/contact-sheet.png   open this first
  $out/overlay.####.png    the splines over the plate
  $out/matte.####.png      the mattes, 16 bits
  $out/shapes.json         the splines on every frame, to load in the effect (Shapes file)
  $out/shapes.{nk,fxs,setting,jsx}  the same for Nuke, Silhouette, Fusion and After Effects
The keys: $sample/keys.json. The bundle: $bundle
END

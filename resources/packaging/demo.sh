#!/usr/bin/env bash
# demo.sh SPLITLINE BUNDLE OUT: solves and renders the sample shot into the folder OUT.
set -euo pipefail
splitline=$1 bundle=$2 out=$3
sample=resources/sample
plate=$sample/plate.####.jpg
frames=1-$(find "$sample" -name 'plate.*.jpg' | wc -l)

rm -rf "$out"
mkdir -p "$out"
SECONDS=0
"$splitline" motion2roto --bundle "$bundle" --plate "$plate" --shapes "$sample/keys.json" --frames "$frames" \
  --out-shapes "$out/shapes.json" --out-mattes "$out/matte.####.png" --overlay "$out/overlay.####.png"
"$splitline" contact-sheet "$out/overlay.####.png" --frames "$frames" --out "$out/contact-sheet.png"

cat <<END

Splines keyed on a few frames, carried through frames $frames by the bundle's Motion2Roto in ${SECONDS} s:
  $out/contact-sheet.png   open this first
  $out/overlay.####.png    the splines over the plate
  $out/matte.####.png      the mattes, 16 bits
  $out/shapes.json         the splines on every frame, to load in the effect (Shapes file)
The keys: $sample/keys.json. The bundle: $bundle
END

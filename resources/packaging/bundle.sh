#!/usr/bin/env bash
# bundle.sh BUILD DEST: puts the library built in BUILD into DEST/Splitline.ofx.bundle.
set -euo pipefail
build=$1 dest=$2
cd "$(dirname "$0")/../.."

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=Linux-x86-64 library=libsplitline_ofx.so ;;
  Linux-aarch64) platform=Linux-aarch64 library=libsplitline_ofx.so ;;
  Darwin-*) platform=MacOS library=libsplitline_ofx.dylib ;;
  MINGW*-x86_64 | MSYS*-x86_64) platform=Win64 library=splitline_ofx.dll ;;
  *) echo "bundle: no OpenFX folder is known for $(uname -sm)" >&2; exit 1 ;;
esac

mkdir -p "$dest"
new=$(mktemp -d "$dest/.bundle.XXXXXX")
trap 'rm -rf "$new"' EXIT
contents=$new/Splitline.ofx.bundle/Contents
mkdir -p "$contents/$platform" "$contents/Resources"
cp "$build/$library" "$contents/$platform/Splitline.ofx"
version=$(cargo pkgid -p plugins | sed 's/.*[#@]//')
sed "s/@VERSION@/$version/" resources/Info.plist >"$contents/Info.plist"
[ ! -d resources/icons ] || find resources/icons -name "org.splitline.*" -exec cp {} "$contents/Resources" \;
cp LICENSE-* THIRD_PARTY.md "$contents/Resources"
resources/packaging/crates.sh >"$contents/Resources/THIRD_PARTY_CRATES.txt"
if runtime=$(resources/packaging/onnxruntime.sh); then
  cp "$runtime/libonnxruntime.so" "$contents/$platform/"
  cp "$runtime/NOTICES.txt" "$contents/Resources/THIRD_PARTY_ONNXRUNTIME.txt"
else
  echo "bundle: it is built without ONNX Runtime; landmark models need SPLITLINE_ONNXRUNTIME there" >&2
fi

# A host may have the old one open: swap whole folders, so that nobody sees half a bundle.
[ ! -e "$dest/Splitline.ofx.bundle" ] || mv "$dest/Splitline.ofx.bundle" "$new/old"
mv "$new/Splitline.ofx.bundle" "$dest/"
echo "$dest/Splitline.ofx.bundle ($version, $platform)"

#!/usr/bin/env bash
# dist/release/Splitline-VERSION-PLATFORM.tar.gz: the bundle and the command, built for glibc 2.28 (VFX Reference Platform 2021 and
# Rocky 8) and later, and checked for it. cargo-zigbuild and zig come from PyPI into the cache folder, once.
set -euo pipefail
cd "$(dirname "$0")/../.."
glibc=2.28
target=$(rustc -vV | sed -n 's/^host: //p')
case $target in *-linux-gnu) ;; *) echo "release: made on Linux only so far, not for $target" >&2; exit 1 ;; esac

zig=${SPLITLINE_CACHE:-$HOME/.cache/splitline}/zig
if [ ! -x "$zig/bin/cargo-zigbuild" ]; then
  rm -rf "$zig"
  python3 -m venv "$zig" || { echo "release: apt install python3-venv" >&2; exit 1; }
  "$zig/bin/pip" install --quiet cargo-zigbuild==0.24.0 ziglang==0.17.1
fi
PATH=$zig/bin:$PATH cargo zigbuild --release --target "$target.$glibc" -p plugins -p cli

build=${CARGO_TARGET_DIR:-target}/$target/release
version=$(cargo pkgid -p plugins | sed 's/.*[#@]//')
name=Splitline-$version-${target%-unknown-linux-gnu}-linux
rm -rf dist/release
resources/packaging/onnxruntime.sh >/dev/null # A release is not made without it.
resources/packaging/bundle.sh "$build" "dist/release/$name"
cp "$build/splitline" LICENSE-* THIRD_PARTY.md README.md CHANGELOG.md "dist/release/$name/"
SPLITLINE_BUNDLE=$PWD/dist/release/$name/Splitline.ofx.bundle SPLITLINE_GLIBC=$glibc cargo test -p tests --test exports
tar -C dist/release -czf "dist/release/$name.tar.gz" "$name"
rm -r "dist/release/$name" # A host that looks in dist would find two bundles.
echo "dist/release/$name.tar.gz"

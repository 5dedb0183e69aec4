#!/usr/bin/env bash
# Builds reference.cpp with the reference host library of the OpenFX project, once. cargo brings the library's source.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${SPLITLINE_CACHE:-$HOME/.cache/splitline}/reference
[ ! -x "$out/reference" ] || [ "$here/reference.cpp" -nt "$out/reference" ] || exit 0

command -v g++ >/dev/null || { echo "reference host: apt install g++ / dnf install gcc-c++" >&2; exit 1; }
echo '#include <expat.h>' | g++ -fsyntax-only -x c++ - 2>/dev/null ||
  { echo "reference host: apt install libexpat1-dev / dnf install expat-devel" >&2; exit 1; }

mkdir -p "$out/source/src"
printf '%s\n' '[package]' 'name = "source"' 'version = "0.0.0"' '[dependencies]' 'openfx-sys = "=0.1.0"' '[workspace]' \
  >"$out/source/Cargo.toml"
touch "$out/source/src/lib.rs"
crate=$(cargo metadata --quiet --format-version 1 --manifest-path "$out/source/Cargo.toml" |
  grep -o '"manifest_path":"[^"]*/openfx-sys-[^"]*"' | sed 's/.*:"//; s/Cargo.toml"$//')
openfx=$crate/openfx library=$crate/openfx/HostSupport

echo "building the reference host into $out"
flags=(-std=gnu++14 -include cstring -O2 -w "-I$openfx/include" "-I$library/include" "-I$library/examples")
if [ ! -e "$out/library.a" ]; then
  objects=$(mktemp -d)
  trap 'rm -rf "$objects"' EXIT
  (cd "$objects" && printf '%s\0' "$library"/src/*.cpp "$library"/examples/hostDemo?*.cpp |
    xargs -0 -n 1 -P "$(getconf _NPROCESSORS_ONLN)" g++ "${flags[@]}" -c && ar rcs "$out/library.a" ./*.o)
fi
g++ "${flags[@]}" "$here/reference.cpp" "$out/library.a" -lexpat -ldl -o "$out/reference"

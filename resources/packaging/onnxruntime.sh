#!/usr/bin/env bash
# Prints a folder with libonnxruntime.so and NOTICES.txt for this machine, out of the package `onnxruntime` that onnxruntime.txt pins. pip
# checks its hash. It is fetched into the cache folder once; where that fails, one line says why.
set -euo pipefail
cd "$(dirname "$0")"
fail() { echo "ONNX Runtime: $1" >&2; exit 1; }

machine=$(uname -m)
case "$(uname -s)-$machine" in
  Linux-x86_64 | Linux-aarch64) ;;
  *) fail "no package is pinned for $(uname -sm)" ;;
esac
cache=${SPLITLINE_CACHE:-$HOME/.cache/splitline}
version=$(sed -n 's/^onnxruntime==\([^ ]*\).*/\1/p' onnxruntime.txt)
out=$cache/onnxruntime-$version-$machine
if [ ! -d "$out" ]; then
  command -v python3 >/dev/null || fail "fetching it needs python3 with pip (apt install python3-venv / dnf install python3-pip)"
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/onnxruntime.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  python=python3
  if ! python3 -m pip --version >/dev/null 2>&1; then
    python3 -m venv "$new/venv" >/dev/null 2>&1 || fail "fetching it needs pip (apt install python3-venv / dnf install python3-pip)"
    python=$new/venv/bin/python
  fi
  "$python" -m pip download --quiet --disable-pip-version-check --retries 1 --no-deps --only-binary=:all: --require-hashes \
    --python-version 3.12 --implementation cp --abi cp312 --platform "manylinux_2_28_$machine" \
    --dest "$new" -r onnxruntime.txt >"$new/log" 2>&1 || fail "pip cannot fetch it: $(sed -n '/ERROR/{s/ *ERROR: //p;q}' "$new/log")"
  "$python" -m zipfile -e "$new"/onnxruntime-*.whl "$new/wheel"
  mkdir "$new/out"
  mv "$new/wheel/onnxruntime/capi/libonnxruntime.so.$version" "$new/out/libonnxruntime.so"
  cat "$new/wheel/onnxruntime/LICENSE" "$new/wheel/onnxruntime/ThirdPartyNotices.txt" >"$new/out/NOTICES.txt"
  chmod 755 "$new/out/libonnxruntime.so"
  mv -T "$new/out" "$out" 2>/dev/null || [ -d "$out" ]
fi
echo "$out"

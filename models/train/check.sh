#!/usr/bin/env bash
# Runs check.py in an environment of its own with what requirements.txt pins: fetched into the cache folder once, about 3 GB on x86-64.
set -euo pipefail
cd "$(dirname "$0")/../.."
environment=${SPLITLINE_CACHE:-$HOME/.cache/splitline}/models
wanted=models/train/requirements.txt

if ! cmp -s "$wanted" "$environment/$(basename "$wanted")"; then
  rm -rf "$environment"
  python3 -m venv "$environment" || { echo "models: apt install python3-venv" >&2; exit 1; }
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir -r "$wanted"
  cp "$wanted" "$environment/"
fi
runtime=${SPLITLINE_ONNXRUNTIME:-$(resources/packaging/onnxruntime.sh)/libonnxruntime.so}
cargo build --quiet -p inference --example locate
PYTHONDONTWRITEBYTECODE=1 "$environment/bin/python" models/train/check.py \
  "${CARGO_TARGET_DIR:-target}/debug/examples/locate" "$runtime"

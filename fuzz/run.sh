#!/bin/sh
# Runs each reader on random files: run.sh MINUTES. New finds go to fuzz/artifacts, files that reach new code to fuzz/grown.
set -eu
cd "$(dirname "$0")"
seconds=$(($1 * 60))
for target in $(cargo +nightly fuzz list); do
    mkdir -p "grown/$target"
    cargo +nightly fuzz run --sanitizer none --target-dir "${CARGO_TARGET_DIR:-target}/fuzz" "$target" "grown/$target" "corpus/$target" -- \
        -dict=words.dict -max_total_time="$seconds" -max_len=20000 -timeout=20 -print_final_stats=1
done

#!/usr/bin/env bash
# Prints the name, licence and licence texts of every crate that the bundle's binary links.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo "Rust crates linked into Splitline.ofx, and their licences. The Rust standard library is MIT OR Apache-2.0."
cargo tree -p plugins -e normal,no-proc-macro --prefix none --format '{p}|{l}' | sed 's/ (\*)$//' | sort -u |
  while IFS='|' read -r package licence; do
    case "$package" in *"("*) continue ;; esac # this workspace's own
    name=${package%% *} version=${package##* v}
    printf '\n%s\n%s %s: %s\n\n' "$(printf '=%.0s' {1..80})" "$name" "$version" "$licence"
    find "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"$name-$version" -maxdepth 1 -type f \
      \( -iname 'licen[sc]e*' -o -iname 'copying*' -o -iname 'notice*' \) ! -iname '*apache*' -exec cat {} +
  done

#!/usr/bin/env bash
# Installs melt (MLT with its OpenFX module, which Debian has from forky on) into a folder of its own, once: about 1 GB.
set -euo pipefail
cache=${SPLITLINE_CACHE:-$HOME/.cache/splitline}
root=$cache/melt

fail() { echo "melt: $1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "it runs in a chroot, which needs root: use CI or a container"
[ ! -x "$root/usr/bin/melt" ] || exit 0
command -v apt-get >/dev/null || fail "installing it needs a Debian system"
# shellcheck disable=SC2016 # apt's own placeholders
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed -n 1p; }
[ -n "$(mirror)" ] || apt-get update -qq
[ -n "$(mirror)" ] || fail "apt has no Debian mirror configured"
command -v mmdebstrap >/dev/null || apt-get install -y -qq --no-install-recommends mmdebstrap || fail "mmdebstrap is missing"

mkdir -p "$cache"
exec 9>"$cache/melt.lock"
flock 9
[ ! -x "$root/usr/bin/melt" ] || exit 0
echo "installing melt into $root (about 270 MB to download, once)"
rm -rf "$root" "$root.new"
mmdebstrap --quiet --mode=root --variant=apt --include=melt --aptopt='APT::Install-Recommends "false"' \
  --aptopt='Acquire::Check-Valid-Until "false"' forky "$root.new" "$(mirror)" ||
  fail "mmdebstrap failed; where it names a key, this system's debian-archive-keyring is too old for forky"
mv "$root.new" "$root"

#!/usr/bin/env bash
# install.sh BUNDLE DEST: replaces DEST/Splitline.ofx.bundle.
set -euo pipefail
bundle=$1 dest=$2
if ! mkdir -p "$dest" 2>/dev/null || [ ! -w "$dest" ]; then
  echo "install: cannot write in $dest: use sudo, or make install DEST=FOLDER and OFX_PLUGIN_PATH=FOLDER" >&2
  exit 1
fi
rm -rf "$dest/Splitline.ofx.bundle"
cp -R "$bundle" "$dest/"
echo "installed in $dest (a host that was open needs a restart)"

#!/usr/bin/env bash
# appimage.sh BUNDLE WORK OUT: one file that unpacks itself once and starts. The layout is that of an AppImage of type 2.
set -euo pipefail
bundle=$1 work=$2 out=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$work/appdir

cp -a "$bundle" "$folder"
rm "$folder/add-to-menu" # it would name a folder in the cache
cp "$here/bathyscope.desktop" "$folder/"
cp "$bundle/share/icons/hicolor/256x256/apps/bathyscope.png" "$folder/"
ln -s bathyscope.png "$folder/.DirIcon"
cat >"$folder/AppRun" <<'RUN'
#!/bin/sh
# Called by a link that is named bathy, the AppImage is the engine.
here=$(dirname "$(readlink -f "$0")")
case ${ARGV0##*/} in
    bathy) exec "$here/bin/bathy" "$@" ;;
    *) exec "$here/bin/bathyscope" "$@" ;;
esac
RUN
chmod 755 "$folder/AppRun"
find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# One processor and no extended attributes: the same folder then gives the same image.
mksquashfs "$folder" "$work/payload" -root-owned -noappend -no-xattrs -processors 1 -comp zstd -Xcompression-level 15 \
    -quiet -no-progress >/dev/null
id=$(sha256sum "$work/payload" | cut -c1-16)
gcc -O2 -Wall -Wextra -Werror -static "-DPAYLOAD_ID=\"$id\"" "$here/appimage_runtime.c" -o "$work/runtime" -l:libsquashfuse.a -lzstd -lz
strip "$work/runtime"
printf 'AI\x02' | dd of="$work/runtime" bs=1 seek=8 conv=notrunc status=none # what marks the type
cat "$work/runtime" "$work/payload" >"$out"
chmod 755 "$out"

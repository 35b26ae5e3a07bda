#!/usr/bin/env bash
# deb.sh BUILD WORK OUT: the Debian package. It depends on what dpkg-shlibdeps finds on this machine, so one that was made on
# Debian 12 fits 13 as well; the SQLite plugin, which no program names, is added by hand.
set -euo pipefail
build=$(realpath "$1") work=$(realpath "$2") out=$(realpath "$3")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$work/root

"$here/stage.sh" "$build" "$root" /usr
documents=$root/usr/share/doc/bathyscope
gzip -9n "$root"/usr/share/man/man1/*.1
printf 'bathyscope (%s) unstable; urgency=medium\n\n  * What is new stands in CHANGELOG.md.\n\n -- %s  %s\n' \
    "$BATHY_VERSION" "$BATHY_MAINTAINER" "$(date -R -u -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$documents/changelog.gz"
rm "$documents/LICENSE" # every Debian has it; `copyright` says where
"$here/copyright.sh" "$here/../compiled_in.txt" >"$documents/copyright"

mkdir -p "$work/debian" "$root/DEBIAN"
printf 'Source: bathyscope\n\nPackage: bathyscope\nArchitecture: any\n' >"$work/debian/control" # dpkg-shlibdeps wants one
depends=$(cd "$work" && dpkg-shlibdeps -O "$root/usr/bin/bathy" "$root/usr/bin/bathyscope" 2>"$work/shlibdeps.log") ||
    { cat "$work/shlibdeps.log" >&2; exit 1; }
sed -e "s|@VERSION@|$BATHY_VERSION|" -e "s|@ARCHITECTURE@|$(dpkg --print-architecture)|" \
    -e "s|@SIZE@|$(du -sk --apparent-size "$root/usr" | cut -f1)|" -e "s|@MAINTAINER@|$BATHY_MAINTAINER|" \
    -e "s|@DEPENDS@|${depends#shlibs:Depends=}, libqt6sql6-sqlite|" "$here/debian/control.in" >"$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "$out" >/dev/null

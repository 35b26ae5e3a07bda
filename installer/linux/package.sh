#!/usr/bin/env bash
# package.sh BUILD [deb|appimage|tarball|all]…: makes packages of a finished build in dist/, each with a bill of materials, and
# SHA256SUMS over all that lie there. `./dev package` builds first and then calls this.
#
# SOURCE_DATE_EPOCH   the time that everything in a package bears; without it that of the commit
# BATHY_MAINTAINER    "Name <address>" for the Debian package
set -euo pipefail
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=$(cd "$here/../.." && pwd)
dist=$source_tree/dist
build=$(realpath "$1")
shift
appimage_limit=$((110 * 1000 * 1000))

release=$(sed -n 's/^project(bathyscope VERSION \([0-9.]*\).*/\1/p' "$source_tree/CMakeLists.txt")
git() { command git -c safe.directory='*' -C "$source_tree" "$@"; }
if commit=$(git rev-parse --short=8 HEAD 2>/dev/null); then
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
    tag=$(git tag --points-at HEAD "v$release")
else # an unpacked archive of the source
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$source_tree/CHANGELOG.md")}
    commit=unknown tag=
fi
# What is not tagged as a release sorts before it, and among its like by time.
BATHY_VERSION=$release
[ "$tag" ] || BATHY_VERSION="$release~$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M).$commit"
BATHY_MAINTAINER=${BATHY_MAINTAINER:-Bathyscope maintainers <maintainers@bathyscope.org>}
export SOURCE_DATE_EPOCH BATHY_VERSION BATHY_MAINTAINER

formats=" ${*:-all} "
wanted() { [[ $formats == *" $1 "* || $formats == *" all "* ]]; }
for format in $formats; do
    case $format in deb | appimage | tarball | all) ;; *) echo "package.sh: $format is no format" >&2; exit 2 ;; esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$dist"
machine=$(uname -m)
bill() { # FILE PACKAGES: what is in FILE, beside it
    "$here/../sbom.py" "$1" "$2" >"$1.spdx.json"
}
made=()

if wanted deb; then
    rm -f "$dist"/bathyscope_*.deb*
    file=$dist/bathyscope_${BATHY_VERSION}_$(dpkg --print-architecture).deb
    "$here/deb.sh" "$build" "$work" "$file"
    bill "$file" "$here/../compiled_in.txt"
    made+=("$file")
fi
if wanted tarball || wanted appimage; then
    "$here/bundle.sh" "$build" "$work/bundle"
    packages=$work/bundle/share/doc/bathyscope/packages.txt
fi
if wanted tarball; then
    rm -f "$dist"/bathyscope-*-linux-*.tar.xz*
    file=$dist/bathyscope-$BATHY_VERSION-linux-$machine.tar.xz
    "$here/tarball.sh" "$work/bundle" "$file"
    bill "$file" "$packages"
    made+=("$file")
fi
if wanted appimage; then
    rm -f "$dist"/Bathyscope-*.AppImage*
    file=$dist/Bathyscope-$BATHY_VERSION-$machine.AppImage
    "$here/appimage.sh" "$work/bundle" "$work" "$file"
    printf 'libsquashfuse-dev\n' | cat "$packages" - >"$work/packages"
    bill "$file" "$work/packages"
    [ "$(stat -c %s "$file")" -le "$appimage_limit" ] || { echo "package.sh: $file is larger than 110 MB" >&2; exit 1; }
    made+=("$file")
fi

# shellcheck disable=SC2094 # it does not sum itself
(cd "$dist" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs -d '\n' sha256sum >SHA256SUMS)
grep -qE '^BATHY_ASSERTIONS:[A-Z]*=ON' "$build/CMakeCache.txt" && echo "Note: built from preset $(basename "$build"), which keeps assertions."
for file in "${made[@]}"; do
    printf '%6.1f MB  %s\n' "$(($(stat -c %s "$file") / 10000))e-2" "${file#"$source_tree/"}"
done

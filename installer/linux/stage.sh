#!/usr/bin/env bash
# stage.sh BUILD STAGE PREFIX: installs a build below the folder STAGE as it will lie in PREFIX, without debug information, and
# notes what it is made of. Everything that goes into a package starts from here.
set -euo pipefail
build=$1 stage=$2 prefix=$3
source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

rm -rf "$stage"
DESTDIR=$stage cmake --install "$build" --prefix "$prefix" --strip >/dev/null
setting() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
git() { command git -c safe.directory='*' -C "$source_tree" "$@"; }
changed=$(git status --porcelain --untracked-files=no 2>/dev/null || true)
cat >"$stage$prefix/share/doc/bathyscope/BUILD.txt" <<INFO
version     $BATHY_VERSION
commit      $(git rev-parse HEAD 2>/dev/null || echo unknown)${changed:+ with changes}
date        $(date -u -d "@$SOURCE_DATE_EPOCH" '+%Y-%m-%d %H:%M:%S UTC')
preset      $(basename "$build"), $(setting CMAKE_BUILD_TYPE)
assertions  $(setting BATHY_ASSERTIONS)
compiler    $("$(setting CMAKE_CXX_COMPILER)" --version | head -1)
INFO
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

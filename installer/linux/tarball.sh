#!/usr/bin/env bash
# tarball.sh BUNDLE OUT: the bundle as NAME/… in OUT (NAME.tar.xz), the same bytes for the same bundle.
set -euo pipefail
bundle=$1 out=$2
name=$(basename "$out" .tar.xz)
tar --create --sort=name --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --transform="flags=r;s,^\.,$name," -C "$bundle" . |
    xz -6 --threads=1 >"$out"

#!/usr/bin/env bash
# linux.sh [SUITE|FORMAT]…: installs what lies in dist/ in fresh Debian roots, uses it as a person would, and removes it again.
#
#   sudo installer/test/linux.sh                       bookworm and trixie, deb, tarball and appimage
#   sudo installer/test/linux.sh bookworm deb tarball  only these
#
# Needs root, debootstrap and a network. ROOTS=FOLDER says where the roots are made (default /var/tmp/bathyscope-roots), about
# 2 GB; a bare root that is there already is used again, so that a second run downloads less. MIRROR=URL names another mirror.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dist=$here/../../dist
roots=${ROOTS:-/var/tmp/bathyscope-roots}
mirror=${MIRROR:-http://deb.debian.org/debian}

[ "$(id -u)" -eq 0 ] || { echo "linux.sh: must run as root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "linux.sh: needs the package debootstrap" >&2; exit 2; }
# Mounts and processes of its own: whatever happens, nothing is left mounted or running.
[ "${BATHY_UNSHARED:-}" ] || BATHY_UNSHARED=1 exec unshare --mount --pid --fork --kill-child "${BASH_SOURCE[0]}" "$@"
mount --make-rprivate /

suites=() formats=()
for word in "$@"; do
    case $word in
        bookworm | trixie) suites+=("$word") ;;
        deb | tarball | appimage) formats+=("$word") ;;
        *) echo "linux.sh: $word is neither a suite nor a format" >&2; exit 2 ;;
    esac
done
[ ${#suites[@]} -gt 0 ] || suites=(bookworm trixie)
[ ${#formats[@]} -gt 0 ] || formats=(deb tarball appimage)

package_of() {
    local found
    case $1 in
        deb) found=("$dist"/bathyscope_*.deb) ;;
        tarball) found=("$dist"/bathyscope-*-linux-*.tar.xz) ;;
        appimage) found=("$dist"/Bathyscope-*.AppImage) ;;
    esac
    [ -e "${found[0]}" ] || { echo "linux.sh: no $1 in dist/; ./dev package $1 makes it" >&2; exit 2; }
    echo "${found[0]}"
}

enter() { chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "${@:2}"; }

make_bare() { # SUITE
    [ -e "$roots/$1/complete" ] && return
    rm -rf "${roots:?}/$1"
    mkdir -p "$roots"
    debootstrap --variant=minbase "$1" "$roots/$1" "$mirror" >"$roots/$1.log" 2>&1 || { tail -5 "$roots/$1.log" >&2; exit 1; }
    touch "$roots/$1/complete"
}

# What the conversations hold that the program kept, read by a program that is not ours.
answers_in() {
    python3 -c '
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(
    "SELECT m.content, m.state, a.generated_tokens FROM messages m LEFT JOIN answers a ON a.message_id = m.id WHERE m.role = \"assistant\"").fetchall()
whole = rows and all(text.strip() and state == "done" and tokens for text, state, tokens in rows)  # sampled: a word or a story
sys.exit(0 if whole else f"no whole answer in {sys.argv[1]}: {rows}")' "$1"
}

try() { # SUITE FORMAT
    local root=$roots/$1.$2 package begin
    package=$(package_of "$2")
    begin=$(date +%s)
    rm -rf "$root"
    cp -a --reflink=auto "$roots/$1" "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mkdir "$root/given"
    cp "$package" "$here/inside.sh" "$root/given/"
    enter "$root" bash /given/inside.sh "$2" "/given/$(basename "$package")"
    answers_in "$(find "$root/home/tester" -path '*shot-data*' -name conversations.db)"
    # The same words on every system, from every package.
    [ "${answer:=$(cat "$root/given/answer.txt")}" = "$(cat "$root/given/answer.txt")" ] || { echo "linux.sh: other words than before" >&2; exit 1; }
    umount --recursive --lazy "$root/proc" "$root/dev"
    rm -rf --one-file-system "$root"
    echo "ok: $2 on $1, $(($(date +%s) - begin)) s"
}

for suite in "${suites[@]}"; do
    make_bare "$suite"
    for format in "${formats[@]}"; do
        try "$suite" "$format"
    done
done

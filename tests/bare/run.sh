#!/usr/bin/env bash
# Shows that a bare Debian needs nothing but `./dev`: makes a minimal root of SUITE, copies this tree's last commit into it,
# runs `./dev test --yes` there, then `./dev run --yes` on a virtual display and keeps a picture of the window.
#
#   sudo tests/bare/run.sh [SUITE] [FOLDER]     SUITE: bookworm (default) or trixie; FOLDER: where the root is made
#
# Needs root and debootstrap. An existing FOLDER is used again, so that a second run needs no download.
set -euo pipefail
suite=${1:-bookworm}
folder=${2:-/var/tmp/bathyscope-bare-$suite}
mirror=${MIRROR:-http://deb.debian.org/debian}
source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

[ "$(id -u)" -eq 0 ] || { echo "run.sh: must run as root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "run.sh: needs the package debootstrap" >&2; exit 2; }

[ -x "$folder/usr/bin/apt-get" ] || debootstrap --variant=minbase "$suite" "$folder" "$mirror"
cp /etc/resolv.conf "$folder/etc/resolv.conf"

cleanup() { umount -l "$folder/proc" "$folder/sys" "$folder/dev" 2>/dev/null || true; }
trap cleanup EXIT
cleanup
mount -t proc proc "$folder/proc"
mount --rbind /sys "$folder/sys"
mount --rbind /dev "$folder/dev"

rm -rf "$folder/home/tree"
mkdir -p "$folder/home/tree"
git -c safe.directory='*' -C "$source_tree" archive --format=tar HEAD | tar -x -C "$folder/home/tree"

inside() { chroot "$folder" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 bash -ec "cd /home/tree; $1"; }

begin=$(date +%s)
inside './dev test --yes'
echo "bare $suite: ./dev test --yes took $((($(date +%s) - begin) / 60)) min $((($(date +%s) - begin) % 60)) s"

# Only for the picture: the program itself needs none of it.
inside 'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends imagemagick >/dev/null'
cat >"$folder/home/picture.sh" <<'PICTURE'
set -em # a job is a process group of its own here, so that ending it ends the program too
./dev run --yes &
program=$!
sleep 40
import -window root /home/window.png
kill -- "-$program"
wait "$program" || true
PICTURE
inside 'xvfb-run -a -s "-screen 0 1600x1000x24" bash /home/picture.sh'
[ -s "$folder/home/window.png" ]
echo "bare $suite: picture of the window in $folder/home/window.png"
